//! Every use case that writes, in one table: what it did is read back over a second connection, which sees only what
//! is committed; and where its line of the trail cannot be written, the last statement of each, nothing at all of it
//! is left.

mod installation;
mod inventory;
mod people;
mod ways;
mod work;

use std::{collections::BTreeSet, fmt::Debug};

use regex::Regex;

use crate::support::{house::House, second::Second, source};

/// As the answer that is wanted: another one than before.
const OTHER: &str = "(another)";

/// A house and the connection beside its pools.
struct Table {
    second: Second,
    queries: Vec<(String, String)>,
}

impl Table {
    async fn beside(house: &House) -> Self {
        let mut second = Second::open(&house.places.database_url).await;
        let queries = second.queries().await;
        Self { second, queries }
    }

    /// The one text that a query gives, seen from outside of the program; "" without a row.
    async fn seen(&mut self, sql: &str) -> String {
        self.second
            .texts(&format!("SELECT CAST(({sql}) AS TEXT) AS value WHERE ({sql}) IS NOT NULL"))
            .await
            .join(",")
    }

    async fn number(&mut self, sql: &str) -> i64 {
        self.seen(sql).await.parse().unwrap_or_else(|_| panic!("{sql}"))
    }

    /// No line can be added to the trail from here on, or again.
    async fn refuse_lines(&mut self, is: bool) {
        let sql = match (self.second.is_sqlite(), is) {
            (true, true) => {
                "CREATE TRIGGER refuse_lines BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'no line'); END;"
            }
            (true, false) => "DROP TRIGGER refuse_lines;",
            (false, true) => {
                "CREATE FUNCTION refuse_lines() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'no line'; END $$; \
                 CREATE TRIGGER refuse_lines BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_lines();"
            }
            (false, false) => "DROP TRIGGER refuse_lines ON audit_events; DROP FUNCTION refuse_lines();",
        };
        self.second.run(sql).await;
    }

    /// An act that is told in the trail: rolled back as a whole without its line, and read back with it.
    async fn act<T, E: Debug>(
        &mut self,
        name: &str,
        seen: (&str, &str),
        act: impl AsyncFn() -> Result<T, E>,
    ) -> T {
        let before = self.second.everything(&self.queries).await;
        self.refuse_lines(true).await;
        let refused = act().await;
        self.refuse_lines(false).await;
        assert!(refused.is_err(), "{name} went on without its line in the trail");
        let after = self.second.everything(&self.queries).await;
        for (table, rows) in before {
            assert_eq!(after[&table], rows, "{name} left something behind in {table}");
        }
        self.quiet(name, seen, act).await
    }

    /// An act that is not told in the trail, read back.
    async fn quiet<T, E: Debug>(
        &mut self,
        name: &str,
        (sql, wanted): (&str, &str),
        act: impl AsyncFn() -> Result<T, E>,
    ) -> T {
        let before = self.seen(sql).await;
        assert_ne!(before, wanted, "{name}: {sql} says so before");
        let done = act().await.unwrap_or_else(|why| panic!("{name}: {why:?}"));
        let after = self.seen(sql).await;
        if wanted == OTHER {
            assert_ne!(after, before, "{name}: {sql}");
        } else {
            assert_eq!(after, wanted, "{name}: {sql}");
        }
        done
    }
}

/// Writers that have no row of their own, and why.
const ELSEWHERE: &[&str] = &[
    // All of its parts are in the table.
    "upkeep::hourly",
    // Makes the first data key before there is a house: `crypt::master`.
    "unlock::keyring",
    // The rows are there from the start: `service::settings`.
    "settings::initialise",
    // The row of an attempt stays whatever comes of it, so that a failure is told: `service::self_backup`.
    "self_backup::make",
    // The same when its time has come: `service::self_backup_schedule`.
    "self_backup/scheduled::by_schedule",
    // Into an empty database, which is no house before it has taken everything: `service::self_backup`.
    "self_backup/restore::fill",
    "self_backup/restore::note",
];

/// The public functions of a file of services that write, themselves or through a private one of the file.
fn writers(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let head = Regex::new(r"(?m)^(pub(?:\([^)]*\))? )?(?:async )?fn (\w+)").unwrap();
    let starts: Vec<_> = head.captures_iter(text).collect();
    let ends = starts.iter().skip(1).map(|next| next.get(0).unwrap().start()).chain([text.len()]);
    let functions: Vec<(bool, &str, &str)> = starts
        .iter()
        .zip(ends)
        .map(|(found, end)| {
            let is_public = found.get(1).is_some_and(|public| public.as_str() == "pub ");
            (is_public, found.get(2).unwrap().as_str(), &text[found.get(0).unwrap().end()..end])
        })
        .collect();
    let mut writing: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..4 {
        for (_, name, body) in &functions {
            let calls = |other: &&str| {
                other != name && Regex::new(&format!(r"(?:^|[^\w:.]){other}\(")).unwrap().is_match(body)
            };
            if body.contains(".begin()")
                || body.contains("db.in_one_hop(")
                || body.contains("db.write()")
                || writing.iter().any(calls)
            {
                writing.insert(name);
            }
        }
    }
    let public = functions.iter().filter(|(is_public, name, _)| *is_public && writing.contains(name));
    public.map(|(_, name, _)| (*name).to_owned()).collect()
}

#[test]
fn every_use_case_that_writes_is_in_the_table() {
    let table: String =
        source::files("tests/house/service/acts", ".rs").into_iter().map(|(_, text)| text).collect();
    let mut count = 0;
    for (path, text) in source::files("src/service", ".rs") {
        let module = path.trim_start_matches("src/service/").trim_end_matches(".rs");
        for name in writers(&source::code(&text)) {
            let whole = format!("{module}::{name}");
            let is_there = table.contains(&format!("\"{whole}\"")) || ELSEWHERE.contains(&whole.as_str());
            assert!(is_there, "{whole} writes and has no row in the table of acts");
            count += 1;
        }
    }
    assert!(count > 80, "{count} writers were found");
}
