//! Which instruction set runs: detection, and the pin `INITSTUDY_ISA`.

use std::{fmt, str::FromStr};

/// The environment variable that pins the instruction set: `avx2` or `portable`.
pub const ISA_VARIABLE: &str = "INITSTUDY_ISA";

/// An instruction set that the kernels are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Isa {
    /// Plain Rust on `wide` and `matrixmultiply`; runs everywhere.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
}

/// Why the wanted instruction set cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IsaError {
    /// The name is none that this crate knows.
    Unknown(String),
    /// This CPU lacks it.
    Unavailable(Isa),
}

impl Isa {
    /// The best instruction set of this CPU.
    #[must_use]
    pub fn detect() -> Self {
        if Self::Avx2.is_available() {
            Self::Avx2
        } else {
            Self::Portable
        }
    }

    /// The instruction set that [`ISA_VARIABLE`] names or, where that is unset or empty, the best.
    ///
    /// # Errors
    /// A name that is unknown, or known but not available here: a pin never falls back.
    pub fn from_env() -> Result<Self, IsaError> {
        match std::env::var_os(ISA_VARIABLE) {
            Some(name) if !name.is_empty() => {
                let isa: Self = name.to_string_lossy().parse()?;
                isa.is_available()
                    .then_some(isa)
                    .ok_or(IsaError::Unavailable(isa))
            }
            _ => Ok(Self::detect()),
        }
    }

    /// Whether this CPU can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 => false,
        }
    }

    /// The name under which files and the pin know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
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
        match name {
            "portable" => Ok(Self::Portable),
            "avx2" => Ok(Self::Avx2),
            _ => Err(IsaError::Unknown(name.to_owned())),
        }
    }
}

impl fmt::Display for IsaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(
                f,
                "{ISA_VARIABLE}={name} names no instruction set; use avx2 or portable, or unset it"
            ),
            Self::Unavailable(isa) => write!(
                f,
                "{ISA_VARIABLE}={isa} is pinned but this CPU does not have it; unset it or use portable"
            ),
        }
    }
}

impl std::error::Error for IsaError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for isa in [Isa::Portable, Isa::Avx2] {
            assert_eq!(isa.name().parse(), Ok(isa));
        }
    }

    #[test]
    fn an_unknown_name_is_refused_by_name() {
        let error = "avx512".parse::<Isa>().unwrap_err();
        assert!(error.to_string().contains("avx512"), "{error}");
    }
}
