//! S-68: what devices and people write stays text.

use netraven::{
    domain::access::Role,
    service::audit,
    simulate::{Device, Fault, Platform},
};

use super::{as_admin, shows, world};
use crate::support::{chromium::Browser, house::House, stock};

/// Markup, an attribute's end, a template, a line of the terminal's own language, and a reversal of the text.
const PAYLOAD: &str = "<script>window.__x=1</script>\"><img src=x onerror=window.__x=1>'{{7*7}}\u{1b}]0;t\u{7}\u{1b}[31m\u{202e}";
