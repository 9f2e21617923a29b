//! The machine that numbers were made on, as its operating system describes it.
//!
//! On Linux from /proc and /sys; elsewhere what they would say is unknown, which is no error.

use std::{fmt, fs, path::Path};

use serde::Serialize;

/// CPU features that matter to kernels of floats, in the order of their coming.
const FEATURES: [&str; 5] = ["sse4_2", "avx", "avx2", "fma", "avx512f"];

/// Facts of a machine; what is unknown is `None` or empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The CPU's name, family and model.
    pub cpu: Option<String>,
    /// The architecture that this program was compiled for, such as `x86_64`.
    pub architecture: &'static str,
    /// Which of sse4_2, avx, avx2, fma and avx512f the CPU reports.
    pub features: Vec<&'static str>,
    /// Whether it is a virtual machine that says so.
    pub virtual_machine: bool,
    /// Cores.
    pub physical_cores: usize,
    /// Threads that run at the same time.
    pub logical_cores: usize,
    /// The caches that the first core's data pass through, the nearest first.
    pub caches: Vec<Cache>,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
    /// The operating system, its distribution and its kernel's version.
    pub os: String,
}

/// A cache that data pass through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cache {
    /// 1 is the core's nearest.
    pub level: u8,
    /// Its capacity.
    pub bytes: usize,
}

impl Machine {
    /// This machine.
    #[must_use]
    pub fn here() -> Self {
        let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
        Self {
            cpu: cpu_name(&cpuinfo),
            architecture: std::env::consts::ARCH,
            features: FEATURES
                .into_iter()
                .filter(|feature| has_flag(&cpuinfo, feature))
                .collect(),
            virtual_machine: has_flag(&cpuinfo, "hypervisor"),
            physical_cores: num_cpus::get_physical(),
            logical_cores: num_cpus::get(),
            caches: caches(Path::new("/sys/devices/system/cpu/cpu0/cache")),
            memory_bytes: read("/proc/meminfo").and_then(|text| memory_bytes(&text)),
            os: os_name(),
        }
    }

    /// The capacity of the largest cache.
    #[must_use]
    pub fn largest_cache(&self) -> Option<usize> {
        self.caches.iter().map(|cache| cache.bytes).max()
    }
}

/// What this machine is called in its network; Linux tells.
#[must_use]
pub fn host() -> Option<String> {
    let host = read("/proc/sys/kernel/hostname")?;
    let host = host.trim();
    (!host.is_empty()).then(|| host.to_owned())
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// The first value of a key in `key : value` lines.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key && !value.trim().is_empty()).then_some(value.trim())
    })
}

/// Of virtual machines the name alone may say little; family and model tell the generation.
fn cpu_name(cpuinfo: &str) -> Option<String> {
    let mut name = field(cpuinfo, "model name")?.to_owned();
    if let (Some(family), Some(model)) = (field(cpuinfo, "cpu family"), field(cpuinfo, "model")) {
        name += &format!(" (family {family}, model {model})");
    }
    Some(name)
}

fn has_flag(cpuinfo: &str, flag: &str) -> bool {
    field(cpuinfo, "flags").is_some_and(|flags| flags.split_whitespace().any(|f| f == flag))
}

fn memory_bytes(meminfo: &str) -> Option<u64> {
    let kilobytes = field(meminfo, "MemTotal")?.strip_suffix("kB")?;
    kilobytes.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The data and unified caches of `folder`'s index0, index1, …
fn caches(folder: &Path) -> Vec<Cache> {
    let mut caches: Vec<Cache> = (0..)
        .map(|index| folder.join(format!("index{index}")))
        .take_while(|index| index.is_dir())
        .filter_map(|index| {
            let entry = |name| read(index.join(name));
            let kind = entry("type")?;
            if kind.trim() == "Instruction" {
                return None;
            }
            Some(Cache {
                level: entry("level")?.trim().parse().ok()?,
                bytes: cache_bytes(&entry("size")?)?,
            })
        })
        .collect();
    caches.sort_by_key(|cache| cache.level);
    caches
}

/// `32K` or `6M`.
fn cache_bytes(size: &str) -> Option<usize> {
    let size = size.trim();
    let unit = match size.chars().last()? {
        'K' => 1 << 10,
        'M' => 1 << 20,
        _ => return size.parse().ok(),
    };
    size[..size.len() - 1]
        .parse::<usize>()
        .ok()?
        .checked_mul(unit)
}

fn os_name() -> String {
    let release = read("/etc/os-release").and_then(|text| pretty_name(&text));
    let kernel = read("/proc/sys/kernel/osrelease");
    let mut name = std::env::consts::OS.to_owned();
    if let Some(kernel) = kernel {
        name += &format!(" {}", kernel.trim());
    }
    if let Some(release) = release {
        name += &format!(", {release}");
    }
    name
}

fn pretty_name(os_release: &str) -> Option<String> {
    let line = os_release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim().trim_matches('"').to_owned())
}

/// A size in the unit that keeps it short: 32 KiB, 6 MiB, 23.5 GiB.
#[must_use]
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_048_576 => (1024.0, "KiB"),
        1_048_576..1_073_741_824 => (1_048_576.0, "MiB"),
        _ => (1_073_741_824.0, "GiB"),
    };
    let rounded = (bytes as f64 / unit * 10.0).round() / 10.0;
    format!("{rounded} {name}")
}

/// A few lines for people.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu = self.cpu.as_deref().unwrap_or("unknown");
        write!(f, "CPU      {cpu}, {}", self.architecture)?;
        if !self.features.is_empty() {
            write!(f, " with {}", self.features.join(" "))?;
        }
        let kind = if self.virtual_machine {
            ", a virtual machine"
        } else {
            ""
        };
        writeln!(
            f,
            "\nCores    {} ({} threads){kind}",
            self.physical_cores, self.logical_cores
        )?;
        let caches: Vec<String> = self
            .caches
            .iter()
            .map(|cache| format!("L{} {}", cache.level, size(cache.bytes as u64)))
            .collect();
        let caches = if caches.is_empty() {
            "unknown".to_owned()
        } else {
            caches.join(", ")
        };
        let memory = self.memory_bytes.map_or("unknown".to_owned(), size);
        writeln!(f, "Caches   {caches}; memory {memory}")?;
        writeln!(f, "System   {}", self.os)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPUINFO: &str = "processor\t: 0\ncpu family\t: 6\nmodel\t\t: 142\nmodel name\t: Intel(R) Core(TM) i5-10210U CPU @ 1.60GHz\nflags\t\t: fpu sse4_2 avx avx2 fma hypervisor\n\nprocessor\t: 1\n";

    #[test]
    fn a_cpu_is_named_with_family_and_model_and_its_features_are_whole_words() {
        assert_eq!(
            cpu_name(CPUINFO).unwrap(),
            "Intel(R) Core(TM) i5-10210U CPU @ 1.60GHz (family 6, model 142)"
        );
        assert!(has_flag(CPUINFO, "avx") && !has_flag(CPUINFO, "avx512f"));
        assert!(!has_flag(CPUINFO, "avx5"));
    }

    #[test]
    fn what_the_system_does_not_say_is_unknown() {
        assert_eq!(cpu_name("processor : 0\n"), None);
        assert_eq!(memory_bytes("MemTotal: many kB"), None);
        assert_eq!(caches(Path::new("no/such/folder")), []);
        assert_eq!(cache_bytes("?K"), None);
    }

    #[test]
    fn sizes_are_read_and_written_in_their_units() {
        assert_eq!(cache_bytes("32K\n"), Some(32_768));
        assert_eq!(cache_bytes("6M"), Some(6_291_456));
        assert_eq!(
            memory_bytes("MemTotal:       24684084 kB"),
            Some(25_276_502_016)
        );
        assert_eq!(size(32_768), "32 KiB");
        assert_eq!(size(6_291_456), "6 MiB");
        assert_eq!(size(25_276_502_016), "23.5 GiB");
    }

    #[test]
    fn instruction_caches_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let entries = [
            ("Data", 1, "32K"),
            ("Instruction", 1, "64K"),
            ("Unified", 2, "256K"),
        ];
        for (index, (kind, level, size)) in entries.into_iter().enumerate() {
            let index = folder.path().join(format!("index{index}"));
            fs::create_dir(&index).unwrap();
            fs::write(index.join("type"), kind).unwrap();
            fs::write(index.join("level"), level.to_string()).unwrap();
            fs::write(index.join("size"), size).unwrap();
        }
        let levels = [(1, 32 << 10), (2, 256 << 10)].map(|(level, bytes)| Cache { level, bytes });
        assert_eq!(caches(folder.path()), levels);
    }
}
