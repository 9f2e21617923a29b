//! Which instruction set runs: detection, and the pin `INITSTUDY_ISA`.

use std::{fmt, str::FromStr};

/// The environment variable that pins the instruction set: `avx512`, `avx2`, `portable`; the whole
/// name of portable [numerics](Isa::numerics); or `avx2-or-better`, the best with the bits of AVX2.
pub const ISA_VARIABLE: &str = "INITSTUDY_ISA";

/// The portable numerics, by the kernel that `matrixmultiply` picks for the dense product.
const PORTABLE_FMA: &str = "portable-fma";
const PORTABLE_AVX: &str = "portable-avx";
const PORTABLE_NEON: &str = "portable-neon";
const PORTABLE_FALLBACK: &str = "portable-fallback";

/// The pin of whatever has the numerics `avx2`.
const AVX2_OR_BETTER: &str = "avx2-or-better";

/// An instruction set that the kernels are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Isa {
    /// Plain Rust on `wide` and `matrixmultiply`; runs everywhere.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512 F, DQ and VL beside them; results have the bits of [`Isa::Avx2`].
    Avx512,
}

/// Why an instruction set cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IsaError {
    /// The name is none that this crate knows.
    Unknown(String),
    /// This CPU lacks it; its name.
    Unavailable(&'static str),
}

/// Why what [`ISA_VARIABLE`] pins cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinError(pub IsaError);

impl Isa {
    /// All of them, the plainest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The best instruction set of this CPU.
    #[must_use]
    pub fn detect() -> Self {
        Self::ALL
            .into_iter()
            .rfind(|isa| isa.is_available())
            .unwrap_or(Self::Portable)
    }

    /// The instruction set that [`ISA_VARIABLE`] names or, where that is unset or empty, the best.
    ///
    /// # Errors
    /// A name that is unknown, or known but not available here: a pin never falls back.
    pub fn from_env() -> Result<Self, PinError> {
        match std::env::var_os(ISA_VARIABLE) {
            Some(name) if !name.is_empty() => {
                Self::pinned(&name.to_string_lossy()).map_err(PinError)
            }
            _ => Ok(Self::detect()),
        }
    }

    /// What to pin elsewhere, so that all who share a work get the numerics of this host, each by
    /// its best instruction set; or what [`ISA_VARIABLE`] names here, which this CPU need not have.
    ///
    /// # Errors
    /// A name that is unknown.
    pub fn shared_pin() -> Result<&'static str, PinError> {
        let Some(name) = std::env::var_os(ISA_VARIABLE).filter(|name| !name.is_empty()) else {
            return Ok(match Self::detect() {
                Self::Portable => Self::Portable.numerics(),
                Self::Avx2 | Self::Avx512 => AVX2_OR_BETTER,
            });
        };
        match Self::find(&name.to_string_lossy()).map_err(PinError)? {
            (Self::Portable, "portable") => Ok(Self::Portable.numerics()),
            (_, name) => Ok(name),
        }
    }

    fn pinned(name: &str) -> Result<Self, IsaError> {
        let (isa, name) = Self::find(name)?;
        let is_had =
            isa.is_available() && [isa.name(), isa.numerics(), AVX2_OR_BETTER].contains(&name);
        is_had.then_some(isa).ok_or(IsaError::Unavailable(name))
    }

    /// The instruction set of a pin, which this CPU need not have, and the pin.
    fn find(name: &str) -> Result<(Self, &'static str), IsaError> {
        let portable = [PORTABLE_FMA, PORTABLE_AVX, PORTABLE_NEON, PORTABLE_FALLBACK];
        if let Some(name) = portable.into_iter().find(|known| *known == name) {
            return Ok((Self::Portable, name));
        }
        if name == AVX2_OR_BETTER {
            let best = match Self::detect() {
                Self::Portable => Self::Avx2,
                isa => isa,
            };
            return Ok((best, AVX2_OR_BETTER));
        }
        name.parse().map(|isa: Self| (isa, isa.name()))
    }

    /// The name of the arithmetic on this CPU: results of different names differ in their last
    /// digits. AVX-512 has the bits of AVX2, and so its name. The portable kernels are the same
    /// everywhere but for the dense product, whose own kernel `matrixmultiply` picks by CPU: as
    /// here, by sgemm_kernel.rs (`detect`) of 0.3.11 without its feature avx512.
    #[must_use]
    pub fn numerics(self) -> &'static str {
        if self != Self::Portable {
            return Self::Avx2.name();
        }
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        {
            if is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2") {
                return PORTABLE_FMA;
            }
            if is_x86_feature_detected!("avx") {
                return PORTABLE_AVX;
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") {
            return PORTABLE_NEON;
        }
        PORTABLE_FALLBACK
    }

    /// Whether this CPU can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// The name under which the pin and people know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Isa {
    type Err = IsaError;

    fn from_str(name: &str) -> Result<Self, IsaError> {
        Self::ALL
            .into_iter()
            .find(|isa| isa.name() == name)
            .ok_or_else(|| IsaError::Unknown(name.to_owned()))
    }
}

impl fmt::Display for IsaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(
                f,
                "{name:?} names no instruction set; use avx512, avx2 or portable"
            ),
            Self::Unavailable(name) => write!(
                f,
                "this CPU does not have {name}; use the best that it has, or portable"
            ),
        }
    }
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            IsaError::Unknown(name) => write!(
                f,
                "{ISA_VARIABLE}={name} names no instruction set; use avx512, avx2, avx2-or-better or portable, or unset it"
            ),
            IsaError::Unavailable("avx512") => write!(
                f,
                "{ISA_VARIABLE}=avx512 is pinned but this CPU does not have it; use avx2-or-better, which has the same bits, or unset it"
            ),
            IsaError::Unavailable(name) => write!(
                f,
                "{ISA_VARIABLE}={name} is pinned but this CPU does not have it; unset it or use portable"
            ),
        }
    }
}

impl std::error::Error for IsaError {}
impl std::error::Error for PinError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for isa in Isa::ALL {
            assert_eq!(isa.name().parse(), Ok(isa));
        }
    }

    #[test]
    fn a_pin_of_portable_numerics_holds_only_where_the_cpu_has_them() {
        let here = Isa::Portable.numerics();
        assert_eq!(Isa::pinned(here), Ok(Isa::Portable));
        assert_eq!(Isa::pinned("portable"), Ok(Isa::Portable));
        for name in [PORTABLE_FMA, PORTABLE_AVX, PORTABLE_NEON, PORTABLE_FALLBACK] {
            if name != here {
                assert_eq!(Isa::pinned(name), Err(IsaError::Unavailable(name)));
            }
        }
        assert!(matches!(
            Isa::pinned("portable-x"),
            Err(IsaError::Unknown(_))
        ));
    }

    #[test]
    fn avx2_or_better_is_the_best_with_the_bits_of_avx2() {
        let pinned = Isa::pinned(AVX2_OR_BETTER);
        if Isa::Avx2.is_available() {
            assert_eq!(pinned, Ok(Isa::detect()));
            assert_eq!(pinned.unwrap().numerics(), "avx2");
        } else {
            assert_eq!(pinned, Err(IsaError::Unavailable(AVX2_OR_BETTER)));
        }
    }

    #[test]
    fn the_numerics_are_named_by_the_matrixmultiply_that_was_read() {
        // Another version may pick its kernels otherwise: `numerics` must follow it.
        let lock = include_str!("../../Cargo.lock");
        assert!(lock.contains("name = \"matrixmultiply\"\nversion = \"0.3.11\"\n"));
        // Its AVX-512 kernels are a default feature; their arithmetic has no name here.
        let workspace = include_str!("../../Cargo.toml");
        let entry = "matrixmultiply = { version = \"0.3.11\", default-features = false";
        assert!(workspace.contains(entry));
    }

    #[test]
    fn only_what_the_variable_pins_is_refused_by_the_variable() {
        let named = "avx2-or-better".parse::<Isa>().unwrap_err();
        let errors = [named, IsaError::Unavailable("avx512")];
        for (error, name) in errors.into_iter().zip([AVX2_OR_BETTER, "avx512"]) {
            let text = error.to_string();
            assert!(
                text.contains(name) && !text.contains(ISA_VARIABLE),
                "{text}"
            );
            let text = PinError(error).to_string();
            assert!(
                text.starts_with(&format!("{ISA_VARIABLE}={name} ")),
                "{text}"
            );
        }
    }
}
