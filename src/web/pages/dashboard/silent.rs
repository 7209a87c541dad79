//! What should have happened and has not, as the start page tells it.

use crate::{
    domain::{
        device::DeviceOrder,
        silence::{Silence, SilenceKind},
    },
    web::{href, parts::Action},
};

/// Something that should have happened and has not.
#[derive(Debug)]
pub(super) struct Unheard {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) link: Option<Action>,
}

impl Unheard {
    pub(super) fn of(silence: &Silence, may_see_nodes: bool) -> Self {
        let label_and_href = match silence.kind() {
            SilenceKind::Overdue => {
                let query = [("order", DeviceOrder::Stalest.as_str()), ("enabled", "yes")];
                Some(("Devices", href::with(href::devices(), &query)))
            }
            SilenceKind::Unmatched => Some(("Schedules", href::schedules().to_owned())),
            SilenceKind::NotPlanned | SilenceKind::Vanished | SilenceKind::Unsent => {
                may_see_nodes.then(|| ("Nodes", href::nodes().to_owned()))
            }
        };
        let link = label_and_href.map(|(label, href)| Action { label, href });
        Self { title: silence.title(), text: silence.text(), link }
    }
}
