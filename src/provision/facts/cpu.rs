//! The processor, from `/proc/cpuinfo`.

use serde::Serialize;

use super::super::document::Document;
use super::label;

/// One processor.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cpu {
    /// `vendor_id`, for example `GenuineIntel`.
    pub vendor: Option<String>,
    /// The name it gives itself.
    pub model: Option<String>,
    /// Logical processors that are online.
    pub count: Option<u32>,
    /// Feature flags, as the kernel names them.
    pub features: Vec<String>,
    /// Main memory in KiB.
    pub memory_kib: Option<u64>,
}

impl Cpu {
    /// Has it this feature flag.
    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|name| name == feature)
    }
}

pub(super) fn read(document: &Document) -> Cpu {
    let lines = document.file("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let mut fields = lines.iter().filter_map(|line| line.split_once(':'));
        fields.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
    };
    let features = field("flags").or_else(|| field("Features")).unwrap_or_default();
    Cpu {
        vendor: field("vendor_id").and_then(label),
        model: field("model name").and_then(label),
        count: document.value("/sys/devices/system/cpu/online").and_then(count),
        features: features.split_ascii_whitespace().map(str::to_owned).collect(),
        memory_kib: memory(document),
    }
}

fn memory(document: &Document) -> Option<u64> {
    let lines = document.file("/proc/meminfo")?;
    let total = lines.iter().find_map(|line| line.strip_prefix("MemTotal:"))?;
    total.trim().strip_suffix(" kB")?.parse().ok()
}

/// How many processors a kernel list such as `0-3,8` names.
fn count(list: &str) -> Option<u32> {
    list.split(',').try_fold(0_u32, |sum, part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
        sum.checked_add(last.checked_sub(first)?.checked_add(1)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_lists() {
        assert_eq!(count("0-3,8"), Some(5));
        assert_eq!(count("0"), Some(1));
        assert_eq!(count("3-1"), None);
        assert_eq!(count("0-4294967295"), None);
    }
}
