//! The list of running devices as `netraven device import` takes it.

use std::net::SocketAddr;

use super::device::Device;

/// The columns, in the order in which they are written.
pub const COLUMNS: [&str; 10] = [
    "hostname",
    "address",
    "port",
    "platform",
    "transport",
    "username",
    "password",
    "enable_password",
    "tags",
    "description",
];

/// A CSV with one line per device under a line of column names. Holds passwords in clear: that is its use.
pub fn inventory_csv(devices: &[(Device, SocketAddr)]) -> String {
    let mut out = COLUMNS.join(",") + "\n";
    for (device, address) in devices {
        let enable = device.enable.as_ref().map(|secret| secret.expose().to_owned());
        let fields = [
            device.hostname.clone(),
            address.ip().to_string(),
            address.port().to_string(),
            device.platform_name().to_owned(),
            device.transport.to_string(),
            device.username.clone(),
            device.password.expose().to_owned(),
            enable.unwrap_or_default(),
            device.tags.join(";"),
            device.description.clone(),
        ];
        out.push_str(&fields.map(|field| quoted(&field)).join(","));
        out.push('\n');
    }
    out
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::Platform;

    #[test]
    fn fields_with_commas_and_quotes_are_quoted() {
        let mut device = Device::new(Platform::AristaEos, "leaf-1").with_enable("en");
        device.description = "row 3, \"cold\" side".to_owned();
        device.tags = vec!["leaf".into(), "fra".into()];
        let csv = inventory_csv(&[(device, "127.0.0.1:2201".parse().unwrap())]);
        let line = csv.lines().nth(1).unwrap();
        assert_eq!(
            line,
            "leaf-1,127.0.0.1,2201,arista_eos,ssh,netraven,simulated,en,leaf;fra,\"row 3, \"\"cold\"\" side\""
        );
    }
}
