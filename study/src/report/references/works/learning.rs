//! Works on networks, their training and their data.

use super::super::{Link, Reference, Venue};

/// Glorot and Bengio (2010).
pub const GLOROT: &Reference = &Reference {
    key: "glorot2010",
    authors: &["Glorot, Xavier", "Bengio, Yoshua"],
    year: 2010,
    title: "Understanding the difficulty of training deep feedforward neural networks",
    venue: Venue::Proceedings(
        "Proceedings of the Thirteenth International Conference on Artificial Intelligence and Statistics (AISTATS), PMLR 9",
        "249--256",
    ),
    link: Link::Url("https://proceedings.mlr.press/v9/glorot10a.html"),
};

/// He and others (2015).
pub const HE: &Reference = &Reference {
    key: "he2015",
    authors: &[
        "He, Kaiming",
        "Zhang, Xiangyu",
        "Ren, Shaoqing",
        "Sun, Jian",
    ],
    year: 2015,
    title: "Delving deep into rectifiers: surpassing human-level performance on ImageNet classification",
    venue: Venue::Proceedings(
        "2015 IEEE International Conference on Computer Vision (ICCV)",
        "1026--1034",
    ),
    link: Link::Doi("10.1109/ICCV.2015.123"),
};

/// Kingma and Ba (2015).
pub const KINGMA_BA: &Reference = &Reference {
    key: "kingma2015",
    authors: &["Kingma, Diederik P.", "Ba, Jimmy"],
    year: 2015,
    title: "Adam: a method for stochastic optimization",
    venue: Venue::Proceedings(
        "3rd International Conference on Learning Representations (ICLR)",
        "",
    ),
    link: Link::Url("https://arxiv.org/abs/1412.6980"),
};

/// LeCun and others (1998).
pub const MNIST: &Reference = &Reference {
    key: "lecun1998",
    authors: &[
        "LeCun, Yann",
        "Bottou, Léon",
        "Bengio, Yoshua",
        "Haffner, Patrick",
    ],
    year: 1998,
    title: "Gradient-based learning applied to document recognition",
    venue: Venue::Journal("Proceedings of the IEEE", "86(11)", "2278--2324"),
    link: Link::Doi("10.1109/5.726791"),
};
