# Lists.
lib:
let
  inherit (builtins) elemAt foldl' genList length;
  inherit (lib.trivial) max min;

  # The elements of `list` from `start` up to and without `end`, both inside the list.
  slice = start: end: list: genList (i: elemAt list (start + i)) (max 0 (end - start));
in
rec {
  inherit (builtins) all any concatLists concatMap elem elemAt filter foldl' genList groupBy head isList length map partition sort tail;

  singleton = value: [ value ];
  toList = value: if builtins.isList value then value else [ value ];
  forEach = list: f: map f list;

  foldr = f: nul: list:
    let
      size = length list;
      from = i: if i == size then nul else f (elemAt list i) (from (i + 1));
    in
    from 0;
  fold = foldr;
  foldl = f: nul: list:
    let to = i: if i == 0 then nul else f (to (i - 1)) (elemAt list (i - 1)); in to (length list);

  imap0 = f: list: genList (i: f i (elemAt list i)) (length list);
  imap1 = f: list: genList (i: f (i + 1) (elemAt list i)) (length list);
  ifilter0 = keep: list:
    builtins.concatLists (imap0 (i: value: if keep i value then [ value ] else [ ]) list);

  concatAttrValues = set: builtins.concatLists (builtins.attrValues set);
  flatten = value: if builtins.isList value then builtins.concatMap flatten value else [ value ];
  remove = value: builtins.filter (other: other != value);

  # The index of the first element that `is` accepts.
  findFirstIndex = is: default: list:
    let
      # While searching: minus one, minus the number of elements refused so far.
      step = at: value: if at >= 0 then at else if is value then -at - 1 else at - 1;
      found = foldl' step (-1) list;
    in
    if found >= 0 then found else default;
  findFirst = is: default: list:
    let at = findFirstIndex is null list; in if at == null then default else elemAt list at;
  findSingle = is: none: many: list:
    let found = builtins.filter is list; in
    if found == [ ] then none else if length found == 1 then builtins.head found else many;

  count = is: foldl' (n: value: if is value then n + 1 else n) 0;
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  range = first: last: if first > last then [ ] else genList (i: first + i) (last - first + 1);
  replicate = n: value: genList (_: value) n;
  reverseList = list: let size = length list; in genList (i: elemAt list (size - i - 1)) size;

  take = n: list: slice 0 (min (max n 0) (length list)) list;
  takeEnd = n: list: drop (max 0 (length list - n)) list;
  drop = n: list: slice (min (max n 0) (length list)) (length list) list;
  dropEnd = n: list: take (max 0 (length list - n)) list;
  sublist = start: n: list: take n (drop start list);
  init = list:
    if list == [ ] then throw "lib.lists.init: the list is empty" else slice 0 (length list - 1) list;
  last = list:
    if list == [ ] then throw "lib.lists.last: the list is empty" else elemAt list (length list - 1);

  hasPrefix = prefix: list: take (length prefix) list == prefix;
  removePrefix = prefix: list:
    if hasPrefix prefix list then drop (length prefix) list
    else throw "lib.lists.removePrefix: the list does not begin with the prefix";
  commonPrefix = a: b:
    let
      shorter = min (length a) (length b);
      differ = findFirstIndex (i: elemAt a i != elemAt b i) shorter (genList lib.trivial.id shorter);
    in
    take differ a;

  replaceElemAt = list: at: value:
    if at < 0 || at >= length list then throw "lib.lists.replaceElemAt: index ${toString at} is out of range"
    else imap0 (i: old: if i == at then value else old) list;

  groupBy' = f: nul: key: list: builtins.mapAttrs (_: foldl' f nul) (builtins.groupBy key list);

  zipListsWith = f: a: b: genList (i: f (elemAt a i) (elemAt b i)) (min (length a) (length b));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  crossLists = f: foldl' (fs: args: builtins.concatMap (f': map f' args) fs) [ f ];

  unique = foldl' (seen: value: if builtins.elem value seen then seen else seen ++ [ value ]) [ ];
  uniqueStrings = list: builtins.attrNames (builtins.groupBy lib.trivial.id list);
  allUnique = list: length (unique list) == length list;
  intersectLists = a: builtins.filter (value: builtins.elem value a);
  subtractLists = without: builtins.filter (value: !(builtins.elem value without));
  mutuallyExclusive = a: b: !(builtins.any (value: builtins.elem value b) a);

  sortOn = key: list:
    map (pair: pair.value) (builtins.sort (a: b: a.key < b.key) (map (value: { inherit value; key = key value; }) list));

  # The order of two lists by their first difference.
  compareLists = compare: a: b:
    if a == [ ] then (if b == [ ] then 0 else -1)
    else if b == [ ] then 1
    else
      let order = compare (builtins.head a) (builtins.head b); in
      if order == 0 then compareLists compare (builtins.tail a) (builtins.tail b) else order;

  # Numbers inside the strings count by their value.
  naturalSort = list:
    let
      part = piece: if builtins.isList piece then lib.strings.toIntBase10 (builtins.head piece) else piece;
      key = text: map part (builtins.split "(0|[1-9][0-9]*)" text);
    in
    map (pair: pair.text) (builtins.sort (a: b: compareLists lib.trivial.compare a.key b.key < 0) (map (text: { inherit text; key = key text; }) list));

  # Walks from the head to what must come before it, until nothing must: either a `minimal`
  # element, or a `cycle` with the elements it `loops` to.
  listDfs = stopOnCycles: before: list:
    let
      walk = here: visited: rest:
        let
          loops = builtins.filter (other: before other here) visited;
          around = builtins.partition (other: before other here) rest;
        in
        if stopOnCycles && loops != [ ] then { cycle = here; inherit loops visited rest; }
        else if around.right == [ ] then { minimal = here; inherit visited rest; }
        else walk (builtins.head around.right) ([ here ] ++ visited) (builtins.tail around.right ++ around.wrong);
    in
    walk (builtins.head list) [ ] (builtins.tail list);

  # The list in an order in which nothing stands before what must come first, or the cycle.
  toposort = before: list:
    let
      first = listDfs true before list;
      rest = toposort before (first.visited ++ first.rest);
    in
    if length list < 2 then { result = list; }
    else if first ? cycle then { cycle = reverseList ([ first.cycle ] ++ first.visited); inherit (first) loops; }
    else if rest ? cycle then rest
    else { result = [ first.minimal ] ++ rest.result; };
}
