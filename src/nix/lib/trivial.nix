# Functions about nothing in particular: identity, logic, arithmetic, warnings, hexadecimal.
lib:
let
  inherit (builtins) bitAnd bitOr bitXor elemAt isFunction trace typeOf;

  # Nix before 2.19 has no name for this version of the world; what reads it compares releases.
  release = "26.11";
  hexDigits = [ "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "A" "B" "C" "D" "E" "F" ];
in
rec {
  id = value: value;
  const = value: _: value;
  flip = f: a: b: f b a;
  pipe = builtins.foldl' (value: f: f value);

  and = a: b: a && b;
  or = a: b: a || b;
  xor = a: b: a != b;
  bitNot = builtins.sub (-1);
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";

  add = builtins.add;
  sub = builtins.sub;
  mul = builtins.mul;
  div = builtins.div;
  inherit bitAnd bitOr bitXor;
  inherit (builtins) ceil floor;
  lessThan = builtins.lessThan;
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = a: b: a - b * (a / b);
  compare = a: b: if a < b then -1 else if a > b then 1 else 0;

  # Orders first what `is` accepts, by `yes`; then the rest, by `no`.
  splitByAndCompare = is: yes: no: a: b:
    if is a then (if is b then yes a b else -1)
    else if is b then 1
    else no a b;

  concat = a: b: a ++ b;
  mergeAttrs = a: b: a // b;
  defaultTo = default: value: if value == null then default else value;
  mapNullable = f: value: if value == null then null else f value;

  inherit (builtins) deepSeq genericClosure isBool isFloat isInt pathExists readFile seq;

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  inherit release;
  version = release + versionSuffix;
  nixpkgsVersion = version;
  versionSuffix = "pre-git";
  codeName = "Zebra";
  oldestSupportedRelease = 2605;
  isInOldestRelease = oldestSupportedReleaseIsAtLeast;
  oldestSupportedReleaseIsAtLeast = wanted: wanted <= oldestSupportedRelease;
  revisionWithDefault = default: default;
  inNixShell = builtins.getEnv "IN_NIX_SHELL" != "";
  inPureEvalMode = !(builtins ? currentSystem);

  warn = message: value: builtins.seq message (trace "evaluation warning: ${message}" value);
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: message: if condition then id else warn message;
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: message: if condition then id else throw message;
  showWarnings = warnings: value: builtins.foldl' (done: message: warn message done) value warnings;
  info = message: trace "INFO: ${message}";

  checkListOfEnum = message: valid: given:
    let unknown = lib.lists.subtractLists valid given; in
    if unknown == [ ] then id
    else throw "${message}: ${lib.strings.concatStringsSep ", " (map toString unknown)} unexpected; valid ones: ${lib.strings.concatStringsSep ", " (map toString valid)}";

  # Functions that carry their own argument list.
  setFunctionArgs = f: args: { __functor = self: f; __functionArgs = args; };
  functionArgs = f:
    if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f))
    else builtins.functionArgs f;
  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  mirrorFunctionArgs = from: to:
    let args = functionArgs from; in if args == { } then to else setFunctionArgs to args;
  toFunction = value: if isFunction value then value else _: value;

  # The digits of `number` in `base`, most significant first.
  toBaseDigits = base: number:
    let
      digits = n: if n < base then [ n ] else [ (mod n base) ] ++ digits (n / base);
    in
    assert builtins.isInt base;
    assert builtins.isInt number;
    assert base >= 2;
    assert number >= 0;
    lib.lists.reverseList (digits number);

  toHexString = number: lib.strings.concatStrings (map (elemAt hexDigits) (toBaseDigits 16 number));

  fromHexString = text:
    let found = builtins.match "(0[xX])?([0-9a-fA-F]+)" text; in
    if found == null then throw "`${text}` is not a hexadecimal number"
    else (builtins.fromTOML "number=0x${elemAt found 1}").number;
}
