//! The text form of Prometheus, version 0.0.4.

use std::fmt::Write as _;

use crate::service::metrics::{Family, Kind};

/// The families as text: a line of help and one of type, then the samples.
pub fn text(families: &[Family]) -> String {
    let mut out = String::with_capacity(8_192);
    for family in families.iter().filter(|family| !family.samples.is_empty()) {
        let kind = match family.kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
        };
        // Writing to a string does not fail.
        let _ = writeln!(out, "# HELP {} {}", family.name, escaped(family.help, false));
        let _ = writeln!(out, "# TYPE {} {kind}", family.name);
        for sample in &family.samples {
            out.extend([family.name, sample.suffix]);
            let mut open = '{';
            for (name, value) in &sample.labels {
                let _ = write!(out, "{open}{name}=\"{}\"", escaped(value, true));
                open = ',';
            }
            let close = if sample.labels.is_empty() { "" } else { "}" };
            let _ = writeln!(out, "{close} {}", sample.value);
        }
    }
    out
}

fn escaped(text: &str, is_quoted: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if is_quoted { text.replace('"', "\\\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::metrics::Sample;

    #[test]
    fn labels_are_quoted_and_empty_families_left_out() {
        let sample = |labels: Vec<(&'static str, String)>, value| Sample { suffix: "", labels, value };
        let families = [
            Family {
                name: "a_total",
                help: "Lines\nand \\.",
                kind: Kind::Counter,
                samples: vec![
                    sample(Vec::new(), 3.0),
                    sample(vec![("x", "say \"hi\"".into()), ("y", "1".into())], 0.5),
                ],
            },
            Family { name: "b", help: "", kind: Kind::Gauge, samples: Vec::new() },
        ];
        let wanted = "# HELP a_total Lines\\nand \\\\.\n# TYPE a_total counter\na_total 3\n\
                      a_total{x=\"say \\\"hi\\\"\",y=\"1\"} 0.5\n";
        assert_eq!(text(&families), wanted);
    }
}
