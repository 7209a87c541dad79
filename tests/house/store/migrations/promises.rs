//! What the database itself keeps true, told in one language for both: keys, uniqueness, references, conditions,
//! defaults.

use std::collections::BTreeSet;

use regex::Regex;

use super::{Ladder, steps};
use crate::support::{postgres, second::Second};

/// A condition or default without what only one of the two databases writes.
fn plain(text: &str) -> String {
    let text = Regex::new(r"::[a-z ]+(\[\])?").unwrap().replace_all(text, "").to_lowercase();
    let text = text.replace("= any (array[", "in (");
    text.chars().filter(|c| !"()[]' ".contains(*c)).collect()
}

const SQLITE: &[&str] = &[
    "SELECT 'key ' || m.name || '(' || group_concat(c.name, ',' ORDER BY c.pk) || ')' AS value \
     FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.pk > 0 \
     AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name",
    "SELECT 'reference ' || m.name || '(' || f.\"from\" || ')' || f.\"table\" || '(' || f.\"to\" || ') ' || f.on_delete \
     AS value FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
    "SELECT 'default ' || m.name || '.' || c.name || '=' || c.dflt_value AS value \
     FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.dflt_value IS NOT NULL \
     AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    "SELECT (CASE WHEN i.\"unique\" THEN 'unique ' ELSE 'index ' END) || m.name || '(' || (SELECT \
     group_concat(x.name, ',' ORDER BY x.seqno) FROM pragma_index_info(i.name) x) || ')' || coalesce((SELECT \
     substr(s.sql, instr(s.sql, ' WHERE ')) FROM sqlite_master s WHERE s.name = i.name AND i.partial), '') AS value \
     FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'pk' \
     AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    "SELECT 'check ' || m.name AS value FROM sqlite_master m WHERE m.type = 'table' AND m.sql LIKE '%CHECK (%'",
    "SELECT 'refusal ' || m.tbl_name AS value FROM sqlite_master m WHERE m.type = 'trigger'",
];

const POSTGRES: &[&str] = &[
    "SELECT 'key ' || conrelid::regclass || substr(pg_get_constraintdef(oid), 12) AS value FROM pg_constraint \
     WHERE connamespace = 'public'::regnamespace AND contype = 'p' AND conrelid::regclass::text NOT LIKE '\\_\\_%'",
    "SELECT 'reference ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) AS value FROM pg_constraint \
     WHERE connamespace = 'public'::regnamespace AND contype = 'f'",
    "SELECT 'default ' || table_name || '.' || column_name || '=' || column_default AS value \
     FROM information_schema.columns WHERE table_schema = 'public' AND column_default IS NOT NULL \
     AND table_name NOT LIKE '\\_\\_%'",
    "SELECT (CASE WHEN i.indisunique THEN 'unique ' ELSE 'index ' END) || i.indrelid::regclass || '(' || (SELECT \
     string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY k(at, n) JOIN pg_attribute a \
     ON a.attrelid = i.indrelid AND a.attnum = k.at) || ')' || coalesce(' WHERE ' || pg_get_expr(i.indpred, \
     i.indrelid), '') AS value FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
     WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisprimary \
     AND i.indrelid::regclass::text NOT LIKE '\\_\\_%'",
    "SELECT 'check ' || conrelid::regclass AS value FROM pg_constraint \
     WHERE connamespace = 'public'::regnamespace AND contype = 'c'",
    "SELECT 'refusal ' || tgrelid::regclass AS value FROM pg_trigger WHERE NOT tgisinternal",
];

async fn promises(second: &mut Second) -> BTreeSet<String> {
    let queries = if second.is_sqlite() { SQLITE } else { POSTGRES };
    let words = [" NO ACTION", "FOREIGN KEY", "REFERENCES", "ON DELETE"];
    let mut all = BTreeSet::new();
    for query in queries {
        for line in second.texts(query).await {
            all.insert(plain(&words.iter().fold(line, |line, word| line.replace(word, ""))));
        }
    }
    all
}

// Equal promises at every step, so that no database is kept less true than the other.
#[tokio::test]
async fn both_databases_keep_the_same_things_true() {
    // On SQLite alone there is nothing to compare; tests/run comes again with PostgreSQL.
    let Some(url) = postgres::database_url().await else { return };
    let (one, other) = (Ladder::at(None), Ladder::at(Some(url)));
    for name in steps() {
        one.step(true).await;
        other.step(true).await;
        let sqlite = promises(&mut one.second().await).await;
        let postgres = promises(&mut other.second().await).await;
        let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
        assert_eq!(
            (only(&sqlite, &postgres), only(&postgres, &sqlite)),
            (Vec::new(), Vec::new()),
            "only on SQLite, only on PostgreSQL, after {name}"
        );
        assert!(sqlite.len() > 5);
    }
}
