# Metadata of packages.
lib: rec {
  addMetaAttrs = new: package: package // { meta = package.meta or { } // new; };
  setName = name: package: package // { inherit name; };
  updateName = f: package: package // { name = f package.name; };
  appendToName = suffix: updateName (name:
    let parts = builtins.parseDrvName name; in
    "${parts.name}-${suffix}${if parts.version == "" then "" else "-${parts.version}"}");
  mapDerivationAttrset = f: builtins.mapAttrs (_: value: if lib.attrsets.isDerivation value then f value else value);

  defaultPriority = 5;
  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);
  lowPrioSet = mapDerivationAttrset lowPrio;
  hiPrioSet = mapDerivationAttrset hiPrio;
  dontDistribute = addMetaAttrs { hydraPlatforms = [ ]; };

  platformMatch = platform: pattern:
    if builtins.isString pattern then platform.system or null == pattern
    else lib.attrsets.matchAttrs (if pattern ? parsed then pattern else { parsed = pattern; }) platform;
  availableOn = platform: package:
    ((!package ? meta.platforms) || builtins.any (platformMatch platform) package.meta.platforms)
    && builtins.all (pattern: !(platformMatch platform pattern)) (package.meta.badPlatforms or [ ]);

  getLicenseFromSpdxId = id: getLicenseFromSpdxIdOr id (lib.trivial.warn "getLicenseFromSpdxId: No license matches the given SPDX ID: ${id}" { shortName = id; });
  getLicenseFromSpdxIdOr = id: default:
    lib.lists.findFirst (license: lib.strings.toLower (license.spdxId or "") == lib.strings.toLower id) default (builtins.attrValues lib.licenses);

  getExe = package:
    getExe' package (package.meta.mainProgram or (lib.trivial.warn
      "getExe: Package \"${package.name or package.pname or "?"}\" does not have the meta.mainProgram attribute."
      (lib.strings.getName package)));
  getExe' = package: program:
    if !(lib.attrsets.isDerivation package) then throw "lib.meta.getExe': The first argument is of type ${builtins.typeOf package}, but it should be a derivation instead."
    else if lib.strings.hasInfix "/" program then throw "lib.meta.getExe': the program name has a slash in it"
    else "${lib.attrsets.getBin package}/bin/${program}";
}
