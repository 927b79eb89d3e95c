//! A Kubernetes object as CEL sees it: the JSON is borrowed, and only what an expression looks at is turned into values.

use std::sync::OnceLock;

use cel::ExecutionError;
use cel::common::traits::{self, Adder, Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelNull, CelOptional, CelString, CelUInt, LIST_TYPE, MAP_TYPE, Type,
};
use cel::common::value::{CowVal, Val};
use serde_json::Value as Json;

use super::budget::Budget;

/// The value of a piece of JSON. Integers are `int`; those beyond it, and fractions, are `double`, as in Kubernetes.
pub(super) fn value(json: &Json) -> Box<dyn Val + '_> {
    match json {
        Json::Null => Box::new(CelNull),
        Json::Bool(is) => Box::new(CelBool::from(*is)),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Box::new(CelInt::from(integer)),
            None => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Json::String(text) => Box::new(CelString::from(text.as_str())),
        Json::Array(items) => Box::new(JsonList { items, values: OnceLock::new() }),
        Json::Object(fields) => Box::new(JsonMap { fields, keys: OnceLock::new() }),
    }
}

/// A list of the object.
#[derive(Debug)]
struct JsonList<'v> {
    items: &'v [Json],
    /// The items as values, made when the list is first walked: a loop lends out references.
    values: OnceLock<Vec<Box<dyn Val + 'v>>>,
}

/// A map of the object. Fields that are null are not there: the API server reads `affinity: null` as no affinity.
#[derive(Debug)]
struct JsonMap<'v> {
    fields: &'v serde_json::Map<String, Json>,
    /// The names of the fields that are there, made when the map is first walked.
    keys: OnceLock<Vec<CelString<'v>>>,
}

impl<'v> JsonList<'v> {
    fn values(&self) -> &[Box<dyn Val + 'v>] {
        self.values.get_or_init(|| self.items.iter().map(value).collect())
    }

    fn at(&self, index: &dyn Val) -> Result<&'v Json, ExecutionError> {
        let number = if let Some(index) = index.downcast_ref::<CelInt>() {
            usize::try_from(*index.inner()).ok()
        } else if let Some(index) = index.downcast_ref::<CelUInt>() {
            usize::try_from(*index.inner()).ok()
        } else {
            return Err(ExecutionError::UnexpectedType {
                got: index.get_type().name().to_owned(),
                want: "int".to_owned(),
            });
        };
        number.and_then(|number| self.items.get(number)).ok_or_else(|| {
            ExecutionError::function_error(
                "_[_]",
                format!("the list has {} elements, so not that one", self.items.len()),
            )
        })
    }
}

impl<'v> JsonMap<'v> {
    fn keys(&self) -> &[CelString<'v>] {
        self.keys.get_or_init(|| {
            let there = self.fields.iter().filter(|(_, field)| !field.is_null());
            there.map(|(key, _)| CelString::from(key.as_str())).collect()
        })
    }

    fn at(&self, key: &dyn Val) -> Result<&'v Json, ExecutionError> {
        let key = key.downcast_ref::<CelString>().ok_or_else(|| ExecutionError::UnexpectedType {
            got: key.get_type().name().to_owned(),
            want: "string".to_owned(),
        })?;
        let there = self.fields.get(key.inner()).filter(|field| !field.is_null());
        there.ok_or_else(|| ExecutionError::no_such_key(key.inner()))
    }
}

/// Walks values that are kept somewhere.
struct Walk<'b, T>(std::slice::Iter<'b, T>);

impl<'b, 'v: 'w, 'w> traits::Iterator<'b, 'w> for Walk<'b, Box<dyn Val + 'v>> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        self.0.next().map(|item| item.as_ref() as &'b (dyn Val + 'w))
    }
}

impl<'b, 'v: 'w, 'w> traits::Iterator<'b, 'w> for Walk<'b, CelString<'v>> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        self.0.next().map(|key| key as &'b (dyn Val + 'w))
    }
}

macro_rules! json_value {
    ($type:ident, $cel_type:expr, $json:ident, $walked:ident) => {
        impl<'v> Val for $type<'v> {
            fn get_type(&self) -> &Type {
                <Self as Val>::cel_type()
            }

            fn cel_type() -> &'static Type {
                &$cel_type
            }

            fn as_container(&self) -> Option<&dyn Container> {
                Some(self)
            }

            fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
            where
                Self: 'w,
            {
                Some(self)
            }

            fn as_iterable<'b, 'w>(&'b self) -> Option<&'b (dyn Iterable + 'w)>
            where
                Self: 'w,
            {
                Some(self)
            }

            fn as_adder<'b, 'w>(&'b self) -> Option<&'b (dyn Adder + 'w)>
            where
                Self: 'w,
            {
                Some(self)
            }

            fn as_sizer(&self) -> Option<&dyn Sizer> {
                Some(self)
            }

            fn as_zeroer(&self) -> Option<&dyn Zeroer> {
                Some(self)
            }

            fn equals(&self, other: &dyn Val) -> bool {
                same(self, other, &mut |_| Ok(())).unwrap_or(false)
            }

            fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
            where
                Self: 'w,
            {
                Box::new($type { $json: self.$json, $walked: OnceLock::new() })
            }
        }

        impl Indexer for $type<'_> {
            fn get<'b, 'w>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
            where
                Self: 'w,
            {
                Ok(CowVal::Owned(value(self.at(index)?)))
            }

            fn steal<'w>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
            where
                Self: 'w,
            {
                Ok(value(self.at(index)?))
            }
        }

        impl Iterable for $type<'_> {
            fn iter<'b, 'w>(&'b self) -> Box<dyn traits::Iterator<'b, 'w> + 'b>
            where
                Self: 'w,
            {
                Box::new(Walk(self.$walked().iter()))
            }
        }

        impl Sizer for $type<'_> {
            fn size(&self) -> CelInt {
                CelInt::from(self.$walked().len() as i64)
            }
        }

        impl Zeroer for $type<'_> {
            fn is_zero_value(&self) -> bool {
                self.$json.is_empty()
            }
        }
    };
}

json_value!(JsonList, LIST_TYPE, items, values);
json_value!(JsonMap, MAP_TYPE, fields, keys);

impl Adder for JsonList<'_> {
    fn add<'b, 'w>(&'b self, other: &(dyn Val + 'w)) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let mut more = other.as_iterable().filter(|_| *other.get_type() == LIST_TYPE).ok_or_else(no_sum)?.iter();
        let mut sum: Vec<Box<dyn Val + 'w>> = self.items.iter().map(|item| value(item) as Box<dyn Val + 'w>).collect();
        while let Some(item) = more.next() {
            sum.push(item.clone_as_boxed());
        }
        Ok(CowVal::owned(CelList::from(sum)))
    }
}

impl Adder for JsonMap<'_> {
    fn add<'b, 'w>(&'b self, _other: &(dyn Val + 'w)) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        Err(no_sum())
    }
}

fn no_sum() -> ExecutionError {
    ExecutionError::no_such_overload("_+_", vec!["dyn".to_owned(), "dyn".to_owned()])
}

impl Container for JsonList<'_> {
    fn contains(&self, sought: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.values().iter().any(|item| item.equals(sought)))
    }
}

impl Container for JsonMap<'_> {
    fn contains(&self, key: &dyn Val) -> Result<bool, ExecutionError> {
        match self.at(key) {
            Ok(_) => Ok(true),
            Err(ExecutionError::NoSuchKey(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

/// Whether two values are equal, of whatever make: the object's own, or written in the rule. Each step is told to `step`.
pub(super) fn same(
    left: &dyn Val,
    right: &dyn Val,
    step: &mut dyn FnMut(u64) -> Result<(), ExecutionError>,
) -> Result<bool, ExecutionError> {
    let kind = left.get_type();
    if let (Some(left), Some(right)) = (left.downcast_ref::<CelOptional>(), right.downcast_ref::<CelOptional>()) {
        return match (left.option(), right.option()) {
            (Some(left), Some(right)) => same(left, right, step),
            (left, right) => Ok(left.is_none() && right.is_none()),
        };
    }
    if kind != right.get_type() || (*kind != LIST_TYPE && *kind != MAP_TYPE) {
        step(Budget::weigh(left))?;
        return Ok(left.equals(right));
    }
    step(1)?;
    let sizes = (left.as_sizer().map(Sizer::size), right.as_sizer().map(Sizer::size));
    let (Some(mut items), true) = (left.as_iterable().map(Iterable::iter), sizes.0 == sizes.1) else {
        return Ok(false);
    };
    if *kind == LIST_TYPE {
        let Some(mut others) = right.as_iterable().map(Iterable::iter) else { return Ok(false) };
        while let (Some(item), Some(other)) = (items.next(), others.next()) {
            if !same(item, other, step)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let (Some(left), Some(right)) = (left.as_indexer(), right.as_indexer()) else { return Ok(false) };
    while let Some(key) = items.next() {
        let (item, Ok(other)) = (left.get(key)?, right.get(key)) else { return Ok(false) };
        if !same(item.as_ref(), other.as_ref(), step)? {
            return Ok(false);
        }
    }
    Ok(true)
}
