# Fixed points and extensible sets.
lib: rec {
  fix = f: let result = f result; in result;

  fix' = f: let result = f result // { __unfix__ = f; }; in result;

  # Applies `f` until nothing changes.
  converge = f: value: let next = f value; in if next == value then value else converge f next;

  extends = overlay: f: final:
    let prev = f final; in prev // overlay final prev;

  composeExtensions = first: second: final: prev:
    let
      middle = first final prev;
      last = second final (prev // middle);
    in
    middle // last;

  composeManyExtensions = overlays: builtins.foldl' (done: next: composeExtensions done next) (final: prev: { }) overlays;

  # An extension from a set, a function of the previous set, or a whole extension.
  toExtension = f:
    if !(builtins.isFunction f || f ? __functor) then final: prev: f
    else final: prev:
      let once = f final; in
      if builtins.isFunction once || (builtins.isAttrs once && once ? __functor) then f final prev else f prev;

  makeExtensible = makeExtensibleWithCustomName "extend";

  makeExtensibleWithCustomName = name: f:
    fix' (final: f final // {
      ${name} = overlay: makeExtensibleWithCustomName name (extends overlay f);
    });
}
