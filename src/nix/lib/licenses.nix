# The licences that packages name most often.
lib:
builtins.mapAttrs
  (shortName: entry: {
    inherit shortName;
    spdxId = builtins.elemAt entry 0;
    fullName = builtins.elemAt entry 1;
    url = "https://spdx.org/licenses/${builtins.elemAt entry 0}.html";
    free = true;
    redistributable = true;
    deprecated = false;
  })
  {
    agpl3Only = [ "AGPL-3.0-only" "GNU Affero General Public License v3.0 only" ];
    agpl3Plus = [ "AGPL-3.0-or-later" "GNU Affero General Public License v3.0 or later" ];
    asl20 = [ "Apache-2.0" "Apache License 2.0" ];
    bsd2 = [ "BSD-2-Clause" "BSD 2-clause \"Simplified\" License" ];
    bsd3 = [ "BSD-3-Clause" "BSD 3-clause \"New\" or \"Revised\" License" ];
    cc0 = [ "CC0-1.0" "Creative Commons Zero v1.0 Universal" ];
    gpl2Only = [ "GPL-2.0-only" "GNU General Public License v2.0 only" ];
    gpl2Plus = [ "GPL-2.0-or-later" "GNU General Public License v2.0 or later" ];
    gpl3Only = [ "GPL-3.0-only" "GNU General Public License v3.0 only" ];
    gpl3Plus = [ "GPL-3.0-or-later" "GNU General Public License v3.0 or later" ];
    isc = [ "ISC" "ISC License" ];
    lgpl21Plus = [ "LGPL-2.1-or-later" "GNU Lesser General Public License v2.1 or later" ];
    lgpl3Plus = [ "LGPL-3.0-or-later" "GNU Lesser General Public License v3.0 or later" ];
    mit = [ "MIT" "MIT License" ];
    mpl20 = [ "MPL-2.0" "Mozilla Public License 2.0" ];
    ofl = [ "OFL-1.1" "SIL Open Font License 1.1" ];
    unlicense = [ "Unlicense" "The Unlicense" ];
    wtfpl = [ "WTFPL" "Do What The F*ck You Want To Public License" ];
    zlib = [ "Zlib" "zlib License" ];
  }
// {
  unfree = { shortName = "unfree"; fullName = "Unfree"; free = false; redistributable = false; deprecated = false; };
}
