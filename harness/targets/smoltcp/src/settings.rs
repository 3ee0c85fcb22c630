// SPDX-License-Identifier: Apache-2.0

//! Knobs: what a case sets before the stack begins.

use smoltcp::socket::tcp::CongestionControl;

pub struct Settings {
    pub congestion_control: CongestionControl,
    pub timestamps: bool,
    /// Nothing is arranged: smoltcp as it is when it begins.
    pub is_stock: bool,
}

pub enum Refused {
    Unknown,
    Value,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { congestion_control: CongestionControl::Cubic, timestamps: true, is_stock: false }
    }
}

impl Settings {
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        match name {
            "tcp_congestion_control" => {
                self.congestion_control = match value {
                    "none" => CongestionControl::None,
                    "reno" => CongestionControl::Reno,
                    "cubic" => CongestionControl::Cubic,
                    _ => return Err(Refused::Value),
                }
            }
            "tcp_timestamps" => self.timestamps = flag(value)?,
            "stock" => self.is_stock = flag(value)?,
            _ => return Err(Refused::Unknown),
        }
        Ok(())
    }
}

fn flag(value: &str) -> Result<bool, Refused> {
    match value {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(Refused::Value),
    }
}
