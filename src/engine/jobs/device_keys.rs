//! The host keys that a job's device may show.

use futures_util::future::BoxFuture;

use crate::{
    domain::{
        host_key::{HostKey, HostKeyVerdict, Pin},
        id::DeviceId,
    },
    engine::transport::{HostKeys, Place},
    service::{Core, host_keys, queue::Assignment},
};

/// The host key of one device, asked about while its session is being opened.
pub(super) struct DeviceKeys {
    core: Core,
    device: DeviceId,
    places: Vec<Place>,
    pins: Vec<Pin>,
}

impl DeviceKeys {
    /// The keys of the assignment's device.
    pub(super) fn of(core: &Core, assignment: &Assignment) -> Self {
        let device = &assignment.device;
        let own = (device.address.clone(), device.port);
        Self {
            core: core.clone(),
            device: device.id,
            places: [vec![own], assignment.reach.further_places(device.port)].concat(),
            pins: assignment.pins.clone(),
        }
    }

    fn expected(&self, place: &Place) -> Option<Pin> {
        Pin::expected(&self.pins, &self.places, place)
    }
}

impl HostKeys for DeviceKeys {
    fn judge<'a>(
        &'a self,
        place: &'a Place,
        shown: HostKey,
    ) -> BoxFuture<'a, Result<HostKeyVerdict, String>> {
        Box::pin(async move {
            let expected = self.expected(place);
            let shown = (place.clone(), shown);
            host_keys::judge(&self.core, self.device, shown, expected.as_ref()).await.map_err(|fault| {
                tracing::error!(device.id = %self.device, error = %fault, "host key could not be judged");
                self.core.outage.notices(&fault);
                "the host key could not be compared with the pinned one".to_owned()
            })
        })
    }

    fn pinned_algorithms(&self, place: &Place) -> Vec<String> {
        self.expected(place).into_iter().map(|pin| pin.key.algorithm).collect()
    }
}
