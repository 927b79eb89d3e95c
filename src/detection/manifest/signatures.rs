//! The functions a rule may call, as Kubernetes declares them: names, receivers, arguments, results.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What is known of a value before a rule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Anything: what an object has is known only when it is there.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    List,
    Map,
    Duration,
    Timestamp,
    Optional,
    /// What `type()` gives.
    Meta,
    Quantity,
    Ip,
    Cidr,
    Url,
    Semver,
}

const TYPES: &[(&str, Type)] = &[
    ("dyn", Type::Dyn),
    ("null_type", Type::Null),
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("uint", Type::Uint),
    ("double", Type::Double),
    ("string", Type::String),
    ("bytes", Type::Bytes),
    ("list", Type::List),
    ("map", Type::Map),
    ("duration", Type::Duration),
    ("timestamp", Type::Timestamp),
    ("optional", Type::Optional),
    ("type", Type::Meta),
    ("quantity", Type::Quantity),
    ("ip", Type::Ip),
    ("cidr", Type::Cidr),
    ("url", Type::Url),
    ("semver", Type::Semver),
];

impl Type {
    /// The name in signatures and messages.
    pub(super) fn name(self) -> &'static str {
        TYPES.iter().find(|(_, known)| *known == self).map_or("dyn", |(name, _)| name)
    }

    /// Whether a value of this type may be of the other.
    pub(super) fn may_be(self, other: Self) -> bool {
        self == other || self == Self::Dyn || other == Self::Dyn
    }
}

/// The names of types that an expression may use as values: `type(x) == int`.
pub(super) const TYPE_NAMES: &[&str] =
    &["bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"];

/// One line a signature: `receiver: name(arguments) result`; `|` parts types of which any will do.
const TABLE: &str = "
    dyn(dyn) dyn
    type(dyn) type
    bool(bool|string) bool
    int(int|uint|double|string|timestamp) int
    uint(int|uint|double|string) uint
    double(int|uint|double|string) double
    string(bool|int|uint|double|string|bytes|timestamp|duration|ip|cidr) string
    bytes(bytes|string) bytes
    duration(duration|string) duration
    timestamp(timestamp|string|int) timestamp
    size(string|bytes|list|map) int
    string|bytes|list|map: size() int

    string: contains(string) bool
    string: startsWith(string) bool
    string: endsWith(string) bool
    string: matches(string) bool
    matches(string, string) bool
    string: find(string) string
    string: findAll(string) list
    string: findAll(string, int) list
    string: charAt(int) string
    string: indexOf(string) int
    string: indexOf(string, int) int
    string: lastIndexOf(string) int
    string: lastIndexOf(string, int) int
    string: lowerAscii() string
    string: upperAscii() string
    string: replace(string, string) string
    string: replace(string, string, int) string
    string: split(string) list
    string: split(string, int) list
    string: substring(int) string
    string: substring(int, int) string
    string: trim() string
    string: format(list) string
    strings.quote(string) string

    list: join() string
    list: join(string) string
    list: isSorted() bool
    list: sum() dyn
    list: min() dyn
    list: max() dyn
    list: indexOf(dyn) int
    list: lastIndexOf(dyn) int
    sets.contains(list, list) bool
    sets.equivalent(list, list) bool
    sets.intersects(list, list) bool

    optional.none() optional
    optional.of(dyn) optional
    optional.ofNonZeroValue(dyn) optional
    optional: hasValue() bool
    optional: value() dyn
    optional: or(optional) optional
    optional: orValue(dyn) dyn

    timestamp: getFullYear() int
    timestamp: getFullYear(string) int
    timestamp: getMonth() int
    timestamp: getMonth(string) int
    timestamp: getDate() int
    timestamp: getDate(string) int
    timestamp: getDayOfMonth() int
    timestamp: getDayOfMonth(string) int
    timestamp: getDayOfWeek() int
    timestamp: getDayOfWeek(string) int
    timestamp: getDayOfYear() int
    timestamp: getDayOfYear(string) int
    timestamp|duration: getHours() int
    timestamp: getHours(string) int
    timestamp|duration: getMinutes() int
    timestamp: getMinutes(string) int
    timestamp|duration: getSeconds() int
    timestamp: getSeconds(string) int
    timestamp|duration: getMilliseconds() int
    timestamp: getMilliseconds(string) int

    quantity(string) quantity
    isQuantity(string) bool
    quantity: isInteger() bool
    quantity: asInteger() int
    quantity: asApproximateFloat() double
    quantity: sign() int
    quantity: add(quantity|int) quantity
    quantity: sub(quantity|int) quantity
    quantity: isGreaterThan(quantity) bool
    quantity: isLessThan(quantity) bool
    quantity: compareTo(quantity) int

    ip(string) ip
    isIP(string) bool
    ip.isCanonical(string) bool
    ip: family() int
    ip: isUnspecified() bool
    ip: isLoopback() bool
    ip: isLinkLocalMulticast() bool
    ip: isLinkLocalUnicast() bool
    ip: isGlobalUnicast() bool
    cidr(string) cidr
    isCIDR(string) bool
    cidr: containsIP(ip|string) bool
    cidr: containsCIDR(cidr|string) bool
    cidr: ip() ip
    cidr: masked() cidr
    cidr: prefixLength() int

    url(string) url
    isURL(string) bool
    url: getScheme() string
    url: getHost() string
    url: getHostname() string
    url: getPort() string
    url: getEscapedPath() string
    url: getQuery() map

    semver(string) semver
    semver(string, bool) semver
    isSemver(string) bool
    isSemver(string, bool) bool
    semver: major() int
    semver: minor() int
    semver: patch() int
    semver: isGreaterThan(semver) bool
    semver: isLessThan(semver) bool
    semver: compareTo(semver) int

    !_(bool) bool
    -_(int) int
    -_(double) double
    _&&_(bool, bool) bool
    _||_(bool, bool) bool
    @not_strictly_false(bool) bool
    _+_(int, int) int
    _+_(uint, uint) uint
    _+_(double, double) double
    _+_(string, string) string
    _+_(bytes, bytes) bytes
    _+_(list, list) list
    _+_(duration, duration) duration
    _+_(timestamp, duration) timestamp
    _+_(duration, timestamp) timestamp
    _-_(int, int) int
    _-_(uint, uint) uint
    _-_(double, double) double
    _-_(duration, duration) duration
    _-_(timestamp, duration) timestamp
    _-_(timestamp, timestamp) duration
    _*_(int, int) int
    _*_(uint, uint) uint
    _*_(double, double) double
    _/_(int, int) int
    _/_(uint, uint) uint
    _/_(double, double) double
    _%_(int, int) int
    _%_(uint, uint) uint
    @in(dyn, list) bool
    @in(dyn, map) bool
    _[_](list, int|uint|double) dyn
    _[_](map, dyn) dyn
    _[_](optional, dyn) optional
    _[?_](list|map|optional, dyn) optional
    _?._(map|optional, string) optional
";

/// The comparisons, which take the same.
const COMPARISONS: &[&str] = &["_<_", "_<=_", "_>_", "_>=_"];
const COMPARED: &str = "
    _(int|uint|double, int|uint|double) bool
    _(string, string) bool
    _(bytes, bytes) bool
    _(bool, bool) bool
    _(duration, duration) bool
    _(timestamp, timestamp) bool
";

/// What Kubernetes declares and rules cannot use.
pub(super) const ABSENT: &[&str] = &[
    "format.named",
    "validate",
    "format.dns1123Label",
    "format.dns1123Subdomain",
    "format.dns1035Label",
    "format.qualifiedName",
    "format.dns1123LabelPrefix",
    "format.dns1123SubdomainPrefix",
    "format.dns1035LabelPrefix",
    "format.labelValue",
    "format.uri",
    "format.uuid",
    "format.byte",
    "format.date",
    "format.datetime",
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "transformList",
    "transformMap",
    "transformMapEntry",
    "image",
    "isImage",
    "path",
    "serviceAccount",
    "includes",
];

/// How one function may be called.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    /// The types of what it is called on, for a function that is called on something.
    pub(super) receiver: Option<Vec<Type>>,
    pub(super) arguments: Vec<Vec<Type>>,
    pub(super) result: Type,
    /// As it is written, for messages.
    written: String,
}

impl Signature {
    /// `string.contains(string)`.
    pub(super) fn written(&self) -> &str {
        &self.written
    }

    /// Whether a call with values of these types may be meant.
    pub(super) fn takes(&self, receiver: Option<Type>, arguments: &[Type]) -> bool {
        let fits = |given: &Type, wanted: &[Type]| wanted.iter().any(|wanted| given.may_be(*wanted));
        let receiver_fits = match (&self.receiver, receiver) {
            (Some(wanted), Some(given)) => fits(&given, wanted),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        receiver_fits
            && self.arguments.len() == arguments.len()
            && arguments.iter().zip(&self.arguments).all(|(given, wanted)| fits(given, wanted))
    }
}

/// The signatures of a function or operator; none if it is not known.
pub(super) fn signatures(name: &str) -> &'static [Signature] {
    static SIGNATURES: LazyLock<HashMap<String, Vec<Signature>>> = LazyLock::new(|| {
        let mut all: HashMap<String, Vec<Signature>> = HashMap::new();
        for (name, signature) in TABLE.lines().filter_map(read) {
            all.entry(name).or_default().push(signature);
        }
        for operator in COMPARISONS {
            let compared = COMPARED.lines().filter_map(read).map(|(_, signature)| signature).collect();
            all.insert((*operator).to_owned(), compared);
        }
        all
    });
    SIGNATURES.get(name).map_or(&[], Vec::as_slice)
}

/// `optional.of`, `sets.contains`: the whole name of a function with a dot in it, which looks like a call on a value.
pub(super) fn namespaced(target: &cel::IdedExpr, function: &str) -> Option<String> {
    let cel::common::ast::Expr::Ident(namespace) = &target.expr else { return None };
    let name = format!("{namespace}.{function}");
    (!signatures(&name).is_empty() || ABSENT.contains(&name.as_str())).then_some(name)
}

/// Reads one line of the table.
fn read(line: &str) -> Option<(String, Signature)> {
    let line = line.trim();
    let (receiver, call) = line.split_once(": ").map_or((None, line), |(receiver, call)| (Some(receiver), call));
    let (call, result) = call.rsplit_once(' ')?;
    let (name, arguments) = call.strip_suffix(')')?.split_once('(')?;
    let arguments: Vec<&str> = arguments.split(", ").filter(|argument| !argument.is_empty()).collect();
    let written = receiver.map_or_else(|| call.to_owned(), |receiver| format!("{receiver}.{call}"));
    Some((
        name.to_owned(),
        Signature {
            receiver: receiver.map(types),
            arguments: arguments.into_iter().map(types).collect(),
            result: types(result).first().copied().unwrap_or(Type::Dyn),
            written,
        },
    ))
}

fn types(names: &str) -> Vec<Type> {
    let named = |name: &str| TYPES.iter().find(|(known, _)| *known == name).map(|(_, found)| *found);
    names.split('|').filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::{TABLE, read, signatures};

    #[test]
    fn every_line_of_the_table_is_read() {
        for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
            let (name, signature) = read(line).expect(line);
            assert!(!signatures(&name).is_empty(), "{line}");
            let types = signature.receiver.iter().chain(&signature.arguments);
            assert!(types.into_iter().all(|types| !types.is_empty()), "{line}");
        }
    }
}
