//! Whether a text is one whole XML document: what was cut, also in its middle, is none.

use quick_xml::{Reader, events::Event};

/// Whether the text is one element of this name with all that is in it opened and closed in order, and nothing but
/// declarations and comments around it.
pub fn is_whole(root: &str, text: &str) -> bool {
    let mut reader = Reader::from_str(text.trim());
    // Some devices write a bare `&` in descriptions.
    reader.config_mut().allow_dangling_amp = true;
    let (mut depth, mut is_over) = (0_usize, false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                if depth == 0 && (is_over || start.name().as_ref() != root.as_bytes()) {
                    return false;
                }
                depth += 1;
            }
            // That its name is that of the element which is open is seen to by the library.
            Ok(Event::End(_)) => {
                let Some(less) = depth.checked_sub(1) else { return false };
                depth = less;
                is_over = depth == 0;
            }
            Ok(Event::Text(text)) if depth == 0 && !text.trim_ascii().is_empty() => return false,
            Ok(Event::Empty(_) | Event::CData(_) | Event::GeneralRef(_)) if depth == 0 => return false,
            Ok(Event::Eof) => return is_over && depth == 0,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    const WHOLE: &str = "<?xml version=\"1.0\"?>\n<!-- saved -->\n<opnsense>\n  <system>\n    <hostname>fw</hostname>\n    \
         <descr><![CDATA[lab & <more>]]></descr>\n    <note>a & b &lt;</note>\n  </system>\n  <filter>\n    <rule uuid=\"1\">\n      \
         <type>pass</type>\n      <log/>\n    </rule>\n  </filter>\n</opnsense>\n";

    #[test]
    fn a_whole_document_is_one_and_every_cut_is_none() {
        assert!(is_whole("opnsense", WHOLE) && !is_whole("pfsense", WHOLE));
        let end = WHOLE.trim_end().len();
        for cut in (0..end).map(|at| WHOLE.get(..at).unwrap()) {
            assert!(!is_whole("opnsense", cut), "{cut}");
        }
    }

    /// A cut whose both ends came, as a pager or a lost packet leaves it: by the root alone it would look whole.
    #[test]
    fn what_lacks_a_piece_in_its_middle_is_none() {
        let lines: Vec<&str> = WHOLE.lines().collect();
        let without = |from: usize, to: usize| [&lines[..from], &lines[to..]].concat().join("\n");
        // `<system>` goes and its end stays, `</system>` goes, and both with what is between them and one more line.
        for (from, to) in [(3, 4), (7, 8), (3, 9), (8, 12)] {
            assert!(!is_whole("opnsense", &without(from, to)), "{}", without(from, to));
        }
        // A line of its own may be gone without a trace: nothing in XML tells it.
        assert!(is_whole("opnsense", &without(4, 5)));
    }

    #[test]
    fn nothing_stands_around_it() {
        for (before, after) in
            [("Last login: today\n", ""), ("", "\nfw>"), ("", "\n<more></more>"), ("", "&amp;")]
        {
            assert!(!is_whole("opnsense", &format!("{before}{WHOLE}{after}")), "{before:?} {after:?}");
        }
        assert!(!is_whole("opnsense", "") && !is_whole("opnsense", "<opnsense/>"));
    }
}
