//! The narrow numbers: `i16` and `u32` travel as integers, `f32` as a floating-point number; what is too large is `Data`.

use crate::{
    error::{Error, Kind, Result},
    value::{ColumnType, Type, Value, convert::misfit},
};

macro_rules! integer {
    ($type:ty, $variant:ident, $range:literal) => {
        impl ColumnType for $type {
            const TYPE: Type = Type::$variant;

            fn to_value(&self) -> Value<'_> {
                Value::Int(i64::from(*self))
            }

            fn from_value(value: Value<'_>) -> Result<Self> {
                match value {
                    Value::Int(value) => Self::try_from(value).map_err(|_| {
                        Error::new(Kind::Data, concat!("an integer that does not fit ", $range))
                            .way_out("make the field an `i64`")
                    }),
                    other => misfit(&other, "an integer"),
                }
            }

            fn blank() -> Self {
                0
            }
        }
    };
}

integer!(i16, Int16, "16 bits");
integer!(u32, Int64, "32 bits without a sign");

impl ColumnType for f32 {
    const TYPE: Type = Type::Float32;

    fn to_value(&self) -> Value<'_> {
        Value::Float(f64::from(*self))
    }

    fn from_value(value: Value<'_>) -> Result<Self> {
        let wide = f64::from_value(value)?;
        #[allow(clippy::cast_possible_truncation)] // rounding is what was asked for; overflow is refused below
        let narrow = wide as f32;
        if narrow.is_infinite() && wide.is_finite() {
            return Err(Error::new(Kind::Data, "a number that does not fit a 32-bit floating-point number")
                .way_out("make the field an `f64`"));
        }
        Ok(narrow)
    }

    fn blank() -> Self {
        0.0
    }
}
