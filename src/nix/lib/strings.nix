# Strings. Like the builtins under them, they count in bytes.
lib:
let
  inherit (builtins) concatStringsSep elem elemAt genList head isAttrs isFloat isInt isList isPath isString length match replaceStrings split stringLength substring tail typeOf;

  # The printable characters of ASCII in order, from code 32 on.
  printable = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  codes = {
    "\t" = 9;
    "\n" = 10;
    "\r" = 13;
  } // builtins.listToAttrs (genList (i: { name = substring i 1 printable; value = i + 32; }) 95);

  # Joins the list with nothing between.
  join0 = concatStringsSep "";
in
rec {
  inherit (builtins) compareVersions concatStringsSep elem elemAt filter fromJSON genList head isAttrs isInt isList isPath isString match parseDrvName readFile replaceStrings split stringLength substring tail toJSON typeOf unsafeDiscardStringContext;
  storeDir = builtins.storeDir or "/nix/store";

  # Joining.
  concatStrings = join0;
  join = concatStringsSep;
  concatLines = lines: join0 (map (line: line + "\n") lines);
  concatMapStrings = f: list: join0 (map f list);
  concatImapStrings = f: list: join0 (lib.lists.imap1 f list);
  concatMapStringsSep = separator: f: list: concatStringsSep separator (map f list);
  concatImapStringsSep = separator: f: list: concatStringsSep separator (lib.lists.imap1 f list);
  concatMapAttrsStringSep = separator: f: set: concatStringsSep separator (lib.attrsets.mapAttrsToList f set);
  intersperse = separator: list:
    if list == [ ] then [ ]
    else builtins.tail (builtins.concatMap (value: [ separator value ]) list);
  replicate = n: text: join0 (lib.lists.replicate n text);
  optionalString = condition: text: if condition then text else "";

  # Taking apart.
  stringToCharacters = text: genList (i: substring i 1 text) (stringLength text);
  stringAsChars = f: text: join0 (map f (stringToCharacters text));
  splitString = separator: text:
    let
      context = builtins.substring 0 0;
      pieces = builtins.filter isString (split (escapeRegex (toString separator)) (toString text));
    in
    map (piece: context separator + context text + piece) pieces;
  # Splits where `is previous current` says so; the character belongs to neither side unless kept.
  splitStringBy = is: keep: text:
    let
      characters = stringToCharacters text;
      size = length characters;
      walk = i: previous: current: done:
        if i == size then done ++ [ current ]
        else
          let here = elemAt characters i; in
          if is previous here then walk (i + 1) here (if keep then here else "") (done ++ [ current ])
          else walk (i + 1) here (current + here) done;
    in
    if size == 0 then [ "" ] else walk 0 "" "" [ ];
  charToInt = character: codes.${character};

  # Looking.
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix = suffix: text:
    let start = stringLength text - stringLength suffix; in
    start >= 0 && substring start (-1) text == suffix;
  hasInfix = infix: text: match ".*${escapeRegex infix}.*" "${text}" != null;
  removePrefix = prefix: text:
    if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix = suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  commonPrefixLength = a: b:
    let
      end = lib.trivial.min (stringLength a) (stringLength b);
      walk = i: if i < end && substring i 1 a == substring i 1 b then walk (i + 1) else i;
    in
    walk 0;
  commonSuffixLength = a: b:
    let
      end = lib.trivial.min (stringLength a) (stringLength b);
      at = i: text: substring (stringLength text - i - 1) 1 text;
      walk = i: if i < end && at i a == at i b then walk (i + 1) else i;
    in
    walk 0;
  levenshtein = a: b:
    let
      width = stringLength b;
      # One row of the table from the one before it.
      row = above: i:
        builtins.foldl'
          (done: j:
            let
              same = substring i 1 a == substring j 1 b;
              cost = elemAt above j + (if same then 0 else 1);
            in
            done ++ [ (lib.trivial.min cost (1 + lib.trivial.min (elemAt above (j + 1)) (elemAt done j))) ])
          [ (i + 1) ]
          (genList lib.trivial.id width);
      last = builtins.foldl' row (genList lib.trivial.id (width + 1)) (genList lib.trivial.id (stringLength a));
    in
    elemAt last width;
  levenshteinAtMost = most: a: b: levenshtein a b <= most;

  # Changing.
  replaceString = from: to: replaceStrings [ from ] [ to ];
  lowerChars = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  toSentenceCase = text:
    if !isString text then throw "toSentenceCase does only accepts string values, but got ${typeOf text}"
    else toUpper (substring 0 1 text) + toLower (substring 1 (stringLength text) text);
  toCamelCase = text:
    if !isString text then throw "toCamelCase does only accepts string values, but got ${typeOf text}"
    else
      let
        separated = splitStringBy (_: current: elem current [ "-" "_" " " ]) false text;
        humps = builtins.concatMap (splitStringBy (previous: current: match "[a-z]" previous != null && match "[A-Z]" current != null) true) separated;
        first = if humps == [ ] then "" else toLower (head humps);
        rest = if humps == [ ] then [ ] else map toSentenceCase (tail humps);
      in
      join0 (map (addContextFrom text) ([ first ] ++ rest));
  trim = trimWith { start = true; end = true; };
  trimWith = { start ? false, end ? false }: text:
    let
      blank = " \t\r\n";
      pattern =
        if start && end then "[${blank}]*(.*[^${blank}])[${blank}]*"
        else if start then "[${blank}]*(.*)"
        else if end then "(.*[^${blank}])[${blank}]*"
        else "(.*)";
      found = match pattern text;
    in
    if found == null then "" else head found;
  fixedWidthString = width: filler: text:
    let missing = width - stringLength text; in
    if stringLength filler != 1 then throw "fixedWidthString: the filler must be one character"
    else if missing < 0 then throw "fixedWidthString: requested string length (${toString width}) must not be shorter than actual length (${toString (stringLength text)})"
    else replicate missing filler + text;
  fixedWidthNumber = width: number: fixedWidthString width "0" (toString number);
  floatToString = float:
    let text = toString float; in
    if float == builtins.fromJSON text then text
    else lib.trivial.warn "Imprecise conversion from float to string ${text}" text;
  normalizePath = path:
    let once = replaceStrings [ "//" ] [ "/" ] "${path}"; in
    if once == path then once else normalizePath once;
  addContextFrom = from: text: substring 0 0 from + text;
  appendContext = builtins.appendContext;

  # Escaping.
  escape = characters: replaceStrings characters (map (c: "\\${c}") characters);
  escapeC = characters: replaceStrings characters (map (c: "\\x${toLower (fixedWidthString 2 "0" (lib.trivial.toHexString (charToInt c)))}") characters);
  escapeURL =
    let
      kept = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
      others = builtins.filter (c: !(elem c kept)) (builtins.attrNames codes);
    in
    replaceStrings others (map (c: "%${fixedWidthString 2 "0" (lib.trivial.toHexString codes.${c})}") others);
  escapeShellArg = value:
    let text = toString value; in
    if match "[[:alnum:],._+:@%/-]+" text == null then "'${replaceStrings [ "'" ] [ "'\\''" ] text}'" else text;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeXML = replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];
  escapeNixString = text: escape [ "$" ] (builtins.toJSON text);
  escapeNixIdentifier =
    let keywords = [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ]; in
    text:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" text != null && !(elem text keywords) then text else escapeNixString text;
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar = name: value:
    if !(isValidPosixName name) then throw "toShellVar: ${name} is not a valid shell variable name"
    else if isAttrs value && !(isStringLike value) then
      "declare -A ${name}=(${concatStringsSep " " (lib.attrsets.mapAttrsToList (key: item: "[${escapeShellArg key}]=${escapeShellArg item}") value)})"
    else if isList value then "declare -a ${name}=(${escapeShellArgs value})"
    else "${name}=${escapeShellArg value}";
  toShellVars = vars: concatStringsSep "\n" (lib.attrsets.mapAttrsToList toShellVar vars);

  # Numbers in strings.
  toInt = text:
    let
      found = match "[[:space:]]*(-?)([0-9]+)[[:space:]]*" text;
      digits = elemAt found 1;
      strip = match "(-?)0*([0-9]+)" (head found + digits);
    in
    if found == null then throw "toInt: Could not convert ${escapeNixString text} to int."
    else if match "0[0-9]+" digits != null then throw "toInt: Ambiguity in interpretation of ${escapeNixString text} between octal and zero padded integer."
    else builtins.fromJSON (join0 strip);
  toIntBase10 = text:
    let
      found = match "[[:space:]]*0*(-?[[:digit:]]+)[[:space:]]*" text;
      strip = match "(-?)0*([0-9]+)" (head found);
    in
    if found == null then throw "toIntBase10: Could not convert ${escapeNixString text} to int."
    else builtins.fromJSON (join0 strip);

  # What is like a string.
  isStringLike = value:
    isString value || isPath value || value ? outPath || value ? __toString;
  isConvertibleWithToString = value:
    let kind = typeOf value; in
    elem kind [ "null" "int" "float" "bool" ]
    || (kind == "list" && builtins.all isConvertibleWithToString value)
    || isStringLike value;
  isStorePath = value:
    if !(isStringLike value) then false
    else
      let text = toString value; in
      substring 0 1 text == "/" && (dirOf text == storeDir || match "/[0-9a-z]{52}" text != null);
  fileContents = path: removeSuffix "\n" (builtins.readFile path);

  # Search paths.
  makeSearchPath = dir: packages:
    concatStringsSep ":" (map (package: package + "/" + dir) (builtins.filter (package: package != null) packages));
  makeSearchPathOutput = output: dir: packages: makeSearchPath dir (map (lib.attrsets.getOutput output) packages);
  makeLibraryPath = packages: makeSearchPath "lib" (map lib.attrsets.getLib packages);
  makeIncludePath = packages: makeSearchPath "include" (map lib.attrsets.getInclude packages);
  makeBinPath = packages: makeSearchPath "bin" (map lib.attrsets.getBin packages);

  # Names and versions.
  getName = value: (builtins.parseDrvName (if isString value then value else value.pname or value.name)).name;
  getVersion = value: (builtins.parseDrvName (if isString value then value else value.name)).version;
  nameFromURL = url: separator:
    let
      file = lib.lists.last (splitString "/" url);
      name = head (splitString separator file);
    in
    assert name != file;
    name;
  versionOlder = limit: version: builtins.compareVersions version limit > 0;
  versionAtLeast = version: limit: builtins.compareVersions version limit >= 0;
  sanitizeDerivationName = value:
    let
      text = builtins.unsafeDiscardStringContext (toString value);
      bare = elemAt (match "\\.*(.*)" text) 0;
      kept = concatMapStrings (piece: if isList piece then "-" else piece) (split "[^[:alnum:]+._?=-]+" bare);
      size = stringLength kept;
      short = substring (lib.trivial.max (size - 207) 0) (-1) kept;
    in
    if match "[[:alnum:]+_?=-][[:alnum:]+._?=-]*" text != null && stringLength text <= 207 then text
    else if stringLength short == 0 then "unknown" else short;

  # Flags of build systems.
  enableFeature = on: name: "--${if on then "enable" else "disable"}-${name}";
  enableFeatureAs = on: name: value: enableFeature on name + optionalString on "=${value}";
  withFeature = on: name: "--${if on then "with" else "without"}-${name}";
  withFeatureAs = on: name: value: withFeature on name + optionalString on "=${value}";
  cmakeOptionType = kind: name: value:
    assert elem (toUpper kind) [ "FILEPATH" "PATH" "STRING" "BOOL" "INTERNAL" ];
    "-D${name}:${toUpper kind}=${value}";
  cmakeBool = name: on: cmakeOptionType "bool" name (toUpper (lib.trivial.boolToString on));
  cmakeFeature = cmakeOptionType "string";
  mesonOption = name: value: "-D${name}=${value}";
  mesonBool = name: on: mesonOption name (lib.trivial.boolToString on);
  mesonEnable = name: on: mesonOption name (if on then "enabled" else "disabled");
}
