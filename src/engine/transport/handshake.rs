//! Identification, key exchange and host key of one SSH connection, and what both sides agreed on.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use russh::{AlgorithmKind, client};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    HostKeys, Log, Pace, Place, Session, algorithms,
    client::{Client, Traces},
    offer::Offer,
    tcp::timed_out,
    watched::Watched,
};
use crate::{
    domain::{
        device::Algorithms,
        entry::Level,
        failure::{Failure, FailureClass, Stage},
    },
    platform::visible,
};

/// Agrees on keys over `stream`, which leads to a place, by algorithms that are `allowed`, and has the host key judged.
pub async fn handshake(
    (stream, whereto): (impl AsyncRead + AsyncWrite + Unpin + Send + 'static, Place),
    allowed: Algorithms,
    pace: Pace<'_>,
    host_keys: Arc<dyn HostKeys>,
    log: &dyn Log,
) -> Result<Session, Failure> {
    let start = Instant::now();
    let (stage, mut told) = watch::channel(Stage::Banner);
    let cut = CancellationToken::new();
    let guard = cut.clone().drop_guard();
    let (traces, offer) = (Arc::new(Traces::default()), Arc::new(OnceLock::new()));
    let pinned = host_keys.pinned_algorithms(&whereto);
    let config = Arc::new(algorithms::config(allowed, &pinned, pace.keepalive()));
    let stream = Watched::new(stream, stage.clone(), cut, offer.clone());
    let client = Client { host_keys, place: whereto, stage, traces: traces.clone() };
    let mut connecting = Box::pin(client::connect_stream(config, stream, client));
    let outcome = loop {
        let stage = *told.borrow_and_update();
        let limit = pace.of(stage);
        tokio::select! {
            done = &mut connecting => break done,
            Ok(()) = told.changed() => {}
            () = sleep(limit) => {
                log_traces(&traces, stage, log);
                return Err(timed_out(stage, limit, waited_for(stage)));
            }
        }
    };
    let stage = *told.borrow();
    log_traces(&traces, Stage::HostKey, log);
    let handle = match outcome {
        Ok(handle) => handle,
        Err(error) => {
            return Err(traces
                .refused()
                .unwrap_or_else(|| broken(stage, &error, (allowed, offer.get()), log)));
        }
    };
    let agreed = offer.get().and_then(|offer| {
        let agreed = algorithms::agreed(&algorithms::preferred(allowed, &pinned), offer);
        agreed.ok().map(|agreed| (agreed, offer))
    });
    let names = agreed.as_ref().map(|(names, _)| format!(": {}", names.join(", "))).unwrap_or_default();
    let text = format!("keys agreed in {} ms{names}", start.elapsed().as_millis());
    log.say(Level::Info, Stage::KeyExchange, &text);
    if let Some((names, offer)) = agreed.filter(|_| allowed.is_legacy()) {
        tell_old(&names, offer, log);
    }
    Ok(Session { handle, traces, tape: log.tape(), cut: guard })
}

/// Tells whether a device that may use old algorithms needs them.
fn tell_old(agreed: &[String], offer: &Offer, log: &dyn Log) {
    let old: Vec<&str> =
        agreed.iter().map(String::as_str).filter(|name| algorithms::is_legacy(name)).collect();
    if old.is_empty() {
        let text = "modern algorithms were agreed on; the device does not need the old ones that it may use";
        log.say(Level::Info, Stage::KeyExchange, text);
        return;
    }
    let text =
        format!("old algorithms are in use: {}; who records the session may read it one day", old.join(", "));
    log.say(Level::Warning, Stage::KeyExchange, &text);
    log.say(Level::Info, Stage::KeyExchange, &offers(offer));
}

fn offers(offer: &Offer) -> String {
    format!("the device offers: {}", visible(&offer.told()))
}

/// What is waited for in this stage.
pub fn waited_for(stage: Stage) -> &'static str {
    if stage == Stage::Banner {
        "the SSH identification string"
    } else if stage == Stage::HostKey {
        "the verdict about the host key"
    } else {
        "the key exchange"
    }
}

/// The words for a handshake that failed.
fn broken(
    stage: Stage,
    error: &russh::Error,
    (allowed, offer): (Algorithms, Option<&Offer>),
    log: &dyn Log,
) -> Failure {
    if let russh::Error::NoCommonAlgo { kind, ours, theirs } = error {
        if let Some(offer) = offer {
            let [kex, keys, ciphers, macs] = algorithms::offered(&algorithms::preferred(allowed, &[]));
            log.say(Level::Info, Stage::KeyExchange, &offers(offer));
            let ours = Offer { kex, keys, ciphers, macs };
            let text = format!("allowed for it are {allowed} algorithms: {}", ours.told());
            log.say(Level::Info, Stage::KeyExchange, &text);
        }
        let names = (ours.join(", "), visible(&theirs.join(", ")));
        return nothing_common(kind, names, (allowed, offer));
    }
    let message = if stage == Stage::Banner {
        format!("the device does not identify itself as an SSH server: {error}")
    } else {
        format!("the handshake broke off: {error}")
    };
    Failure::new(FailureClass::ConnectionLost, stage, message)
}

/// No algorithm is common, and what helps.
fn nothing_common(
    kind: &AlgorithmKind,
    (ours, theirs): (String, String),
    (allowed, offer): (Algorithms, Option<&Offer>),
) -> Failure {
    let kind = algorithms::kind(kind);
    let with_old =
        offer.map(|offer| algorithms::agreed(&algorithms::preferred(Algorithms::Legacy, &[]), offer));
    let way_out = match with_old {
        Some(Ok(_)) if !allowed.is_legacy() => {
            ". The device has old algorithms only: update its software, or choose \"also legacy\" as its SSH algorithms"
                .to_owned()
        }
        Some(Err(lost)) => {
            let lost = algorithms::kind(&lost);
            format!(". It has no {lost} algorithm that NetRaven knows, not even an old one: update its software")
        }
        Some(Ok(_)) | None => String::new(),
    };
    let message = format!("no common {kind} algorithm: we offer {ours}; the device offers {theirs}{way_out}");
    Failure::new(FailureClass::NoCommonAlgorithm, Stage::KeyExchange, message)
}

/// Puts what the callbacks had to say into the log.
pub fn log_traces(traces: &Traces, stage: Stage, log: &dyn Log) {
    for line in traces.said() {
        log.say(Level::Info, stage, &visible(&line));
    }
}
