//! Network interfaces, from `/sys/class/net`.

use serde::Serialize;

use super::super::document::Document;
use super::label;
use super::module_of;

/// One network interface.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NetInterface {
    /// Name, for example `enp3s0`.
    pub name: String,
    /// Hardware address.
    pub mac: Option<String>,
    /// Module of its driver.
    pub module: Option<String>,
    /// Is there a device behind it. Bridges, tunnels and `lo` have none.
    pub physical: bool,
    /// Is it a radio.
    pub wireless: bool,
}

const DIR: &str = "/sys/class/net";

pub(super) fn read(document: &Document) -> Vec<NetInterface> {
    let interface = |name: &str| {
        let path = format!("{DIR}/{name}");
        let mac = document.value(&format!("{path}/address")).and_then(label);
        NetInterface {
            name: name.to_owned(),
            mac: mac.filter(|mac| mac != "00:00:00:00:00:00"),
            module: module_of(document, &format!("{path}/device")),
            physical: document.link(&format!("{path}/device")).is_some(),
            wireless: document.is_dir(&format!("{path}/wireless")),
        }
    };
    document.entries(DIR).into_iter().map(interface).collect()
}
