//! The training step in f64, written from its definition and sharing no code with the engine.
//!
//! Slow on purpose: loops over indices, one formula a line.

#![allow(dead_code, reason = "each test program uses a part")]

use engine::activation::Activation;

/// A dense layer in f64: `weights[i][j]` from input i to output j.
#[derive(Clone)]
pub struct Layer {
    pub weights: Vec<Vec<f64>>,
    pub bias: Vec<f64>,
}

/// A network of dense layers with an activation between them and softmax at the end.
#[derive(Clone)]
pub struct Network {
    pub layers: Vec<Layer>,
    pub activation: Activation,
}

/// The mean cross-entropy of a batch and its derivative by every parameter.
pub struct Gradient {
    pub loss: f64,
    pub layers: Vec<Layer>,
}

/// Adam with ε outside the bias correction, as Keras writes it.
pub struct Adam {
    m: Network,
    v: Network,
    t: i32,
}

impl Layer {
    pub fn zeros(inputs: usize, outputs: usize) -> Self {
        Self {
            weights: vec![vec![0.0; outputs]; inputs],
            bias: vec![0.0; outputs],
        }
    }

    /// Every parameter: the weights by rows, then the bias.
    pub fn parameters_mut(&mut self) -> impl Iterator<Item = &mut f64> {
        self.weights.iter_mut().flatten().chain(&mut self.bias)
    }

    pub fn parameters(&self) -> impl Iterator<Item = f64> + '_ {
        self.weights.iter().flatten().chain(&self.bias).copied()
    }

    fn apply(&self, x: &[f64]) -> Vec<f64> {
        (0..self.bias.len())
            .map(|j| self.bias[j] + (0..x.len()).map(|i| x[i] * self.weights[i][j]).sum::<f64>())
            .collect()
    }
}

impl Network {
    /// The engine's network, widened to f64.
    pub fn of(mlp: &engine::mlp::Mlp) -> Self {
        let widen = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let layers = mlp.layers().iter().map(|layer| Layer {
            weights: (0..layer.inputs())
                .map(|input| widen(layer.weights().row(input)))
                .collect(),
            bias: widen(layer.bias()),
        });
        Self {
            layers: layers.collect(),
            activation: mlp.activation(),
        }
    }

    fn like_zeros(&self) -> Self {
        let layer = |layer: &Layer| Layer::zeros(layer.weights.len(), layer.bias.len());
        Self {
            layers: self.layers.iter().map(layer).collect(),
            activation: self.activation,
        }
    }

    /// Activations of every layer, the input first and the probabilities last.
    pub fn activations(&self, x: &[f64]) -> Vec<Vec<f64>> {
        let mut all = vec![x.to_vec()];
        for (index, layer) in self.layers.iter().enumerate() {
            let z = layer.apply(all.last().unwrap());
            all.push(if index + 1 == self.layers.len() {
                let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let e: Vec<f64> = z.iter().map(|z| (z - largest).exp()).collect();
                let sum: f64 = e.iter().sum();
                e.iter().map(|e| e / sum).collect()
            } else {
                z.iter().map(|&z| activate(self.activation, z)).collect()
            });
        }
        all
    }

    /// Mean of −ln p(label) over the batch.
    pub fn loss(&self, batch: &[(Vec<f64>, usize)]) -> f64 {
        let losses = batch
            .iter()
            .map(|(x, label)| -self.activations(x).last().unwrap()[*label].ln());
        losses.sum::<f64>() / batch.len() as f64
    }

    /// The loss and its gradient, by the chain rule.
    pub fn gradient(&self, batch: &[(Vec<f64>, usize)]) -> Gradient {
        let mut gradient = self.like_zeros();
        for (x, label) in batch {
            let all = self.activations(x);
            let mut dz = all.last().unwrap().clone();
            dz[*label] -= 1.0;
            for index in (0..self.layers.len()).rev() {
                let input = &all[index];
                let layer = &mut gradient.layers[index];
                for (j, dz) in dz.iter().map(|dz| dz / batch.len() as f64).enumerate() {
                    layer.bias[j] += dz;
                    for (weights, input) in layer.weights.iter_mut().zip(input) {
                        weights[j] += input * dz;
                    }
                }
                let weights = &self.layers[index].weights;
                let da = (0..input.len()).map(|i| {
                    let slope = slope(self.activation, input[i]);
                    slope * (0..dz.len()).map(|j| weights[i][j] * dz[j]).sum::<f64>()
                });
                dz = da.collect();
            }
        }
        Gradient {
            loss: self.loss(batch),
            layers: gradient.layers,
        }
    }
}

fn activate(activation: Activation, z: f64) -> f64 {
    match activation {
        Activation::Relu => z.max(0.0),
        Activation::Tanh => z.tanh(),
        Activation::Sigmoid => 1.0 / (1.0 + (-z).exp()),
    }
}

/// The derivative where the activation's value is `a`.
fn slope(activation: Activation, a: f64) -> f64 {
    match activation {
        Activation::Relu => f64::from(a > 0.0),
        Activation::Tanh => 1.0 - a * a,
        Activation::Sigmoid => a * (1.0 - a),
    }
}

impl Adam {
    pub fn new(network: &Network) -> Self {
        Self {
            m: network.like_zeros(),
            v: network.like_zeros(),
            t: 0,
        }
    }

    /// w ← w − α_t·m/(√v + ε), α_t = α·√(1−β2^t)/(1−β1^t), with Keras's numbers.
    pub fn step(&mut self, network: &mut Network, gradient: &Gradient) {
        self.t += 1;
        let alpha = 1e-3 * (1.0 - 0.999_f64.powi(self.t)).sqrt() / (1.0 - 0.9_f64.powi(self.t));
        for index in 0..network.layers.len() {
            let parameters = network.layers[index].parameters_mut();
            let moments = self.m.layers[index]
                .parameters_mut()
                .zip(self.v.layers[index].parameters_mut());
            for ((w, (m, v)), g) in parameters
                .zip(moments)
                .zip(gradient.layers[index].parameters())
            {
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                *w -= alpha * *m / (v.sqrt() + 1e-7);
            }
        }
    }
}
