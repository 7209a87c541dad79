//! axe-core in a page of the browser: what it says is wrong for people with disabilities.

use serde_json::{Value, json};

use super::chromium::Browser;

/// axe-core 4.14.1 as npm ships it; MPL-2.0, see `tests/vendor/axe.LICENSE`.
const AXE: &str = include_str!("../../vendor/axe.min.js");

/// Asks for the rules of WCAG 2.2, levels A and AA. Style sheets are not fetched anew: the page's policy forbids it.
const RUN: &str = "const done = arguments[arguments.length - 1];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
axe.run(document, { runOnly: { type: 'tag', values: tags }, preload: false, resultTypes: ['violations'] })
  .then(result => done(result.violations.map(one =>
    `${one.id} (${one.impact}): ${one.help}: ` + one.nodes.map(node => node.target.join(' ')).join(', '))))
  .catch(why => done(['axe-core failed: ' + why]));";

impl Browser {
    /// What axe-core finds wrong on the page as it is now, one line for each rule that is broken.
    pub async fn axe(&self) -> Vec<String> {
        self.execute(AXE).await;
        let lines = self.session().post("execute/async", json!({ "script": RUN, "args": [] })).await;
        let lines = lines.as_array().expect("a list from axe-core");
        lines.iter().map(|line| line.as_str().map_or_else(|| Value::to_string(line), str::to_owned)).collect()
    }
}
