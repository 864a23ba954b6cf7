# Quoted strings, indented strings, interpolation.
#= escapes
"a\nb\tc\rd\\e\"f\$g\${h}\q\a"
#= dollar
[ "$" "$$" "$a" "$${x}" "\${x}" "$$$" "$\{" "a$" ]
#= interpolation
let x = "X"; n = { m = "M"; }; in "a${x}b${n.m}c${"d${x}"}${''e''}"
#= interpolation-nested-quotes
"${"a" + "${"b"}"}${if true then "c" else "d"}"
#= interpolation-set
"${{ outPath = "o"; }}${{ __toString = self: "s${self.x}"; x = "!"; }}"
#! interpolation-int
"${1}"
#! interpolation-null
"${null}"
#! interpolation-list
"${[ "a" ]}"
#! interpolation-bool
"${true}"
#! interpolation-function
"${x: x}"
#= newlines-in-string
"a
b
  c"
#= unicode
[ "é" "日本" "😀" (builtins.stringLength "é") (builtins.stringLength "😀") ]
#= carriage-return
"a\r\nb"
#! unterminated
"abc
#! unterminated-interpolation
"a${1"
#= indented-basic
''
  a
    b
  c
''
#= indented-one-line
''abc''
#= indented-empty
[ '''' ''   '' ''
'' ''
  '' ]
#= indented-first-line-text
''a
    b
  c''
#= indented-blank-lines
''
    a

    b
  
    c
''
#= indented-last-line
''
  a
  ''
#= indented-last-line-less
''
    a
  ''
#= indented-tabs
''
	a
	  b
''
#= indented-mixed-tab
''
  a
	b
''
#= indented-escapes
'' ''' ''$ ''\n ''\t ''\r ''\\ ''${x} ''\${ $${ $ \ " ''
#= indented-escape-first
''
  ''\n  a
  b
''
#= indented-escape-newline
''
  a''\nb
  c
''
#= indented-interpolation
let x = "X\n  Y"; in ''
  a ${x}
    b ${''
      c
    ''}
  d
''
#= indented-interpolation-first
let x = "X"; in ''
    ${x}
      a
''
#= indented-interpolation-indent
let x = "X"; in ''
      a
   ${x}
''
#= indented-only-interpolation
let x = "X"; in ''${x}''
#= indented-dollar-at-line-start
''
  $a
    ''${b}
   $$
''
#= indented-trailing-spaces
"${''
  a  
  b 
''}|"
#= indented-quotes-inside
''"quoted" 'single' ''
#= indented-single-quote-end
''a' ''
#= indented-four-quotes
'''''''
#= indented-crlf
''
  a
  b''
#! indented-unterminated
''abc
#= concatenation
[ ("a" + "b") ("" + "") ("a" + ''b'') ]
#! concat-int
"a" + 1
#! concat-int-left
1 + "a"
#! concat-list
"a" + [ ]
#= concat-set
"a" + { outPath = "b"; }
#= to-string
map toString [ 1 (-1) "a" true false null 1.5 1.0 [ 1 [ 2 ] ] [ ] [ "a" [ ] "b" ] [ [ ] [ ] ] { outPath = "o"; } { __toString = s: "t"; } 1.0e10 0.1 [ true null 2 ] ]
#! to-string-function
toString (x: x)
#! to-string-set
toString { }
#= to-string-chain
toString { __toString = self: { outPath = "x"; }; }
#= string-length
map builtins.stringLength [ "" "abc" "é" "a\nb" ]
#= substring
[ (builtins.substring 0 3 "hello") (builtins.substring 2 100 "hello") (builtins.substring 9 1 "hello") (builtins.substring 1 (-1) "hello") (builtins.substring 0 0 "hello") (builtins.substring 5 1 "hello") (builtins.substring 0 2 "é") ]
#! substring-negative
builtins.substring (-1) 1 "a"
#= substring-path
builtins.substring 0 4 (toString /abc)
#= replace-strings
[ (builtins.replaceStrings [ "oo" "a" ] [ "a" "i" ] "foobar") (builtins.replaceStrings [ "" ] [ "X" ] "abc") (builtins.replaceStrings [ "" "a" ] [ "X" "Y" ] "abc") (builtins.replaceStrings [ "a" "" ] [ "Y" "X" ] "abc") (builtins.replaceStrings [ ] [ ] "abc") (builtins.replaceStrings [ "a" "aa" ] [ "1" "2" ] "aaa") (builtins.replaceStrings [ "" ] [ "x" ] "") (builtins.replaceStrings [ "b" ] [ "" ] "abcb") ]
#! replace-strings-lengths
builtins.replaceStrings [ "a" ] [ ] "abc"
#= replace-strings-lazy
builtins.replaceStrings [ "a" "z" ] [ "b" "q" ] "a"
#= concat-strings-sep
[ (builtins.concatStringsSep ", " [ "a" "b" ]) (builtins.concatStringsSep "" [ ]) (builtins.concatStringsSep "x" [ "a" ]) (builtins.concatStringsSep "-" [ "a" { outPath = "o"; } ]) ]
#! concat-strings-sep-int
builtins.concatStringsSep "," [ 1 ]
#= string-comparison
[ ("a" == "a") ("a" == "b") ("a" == 1) ("" == null) ("é" == "é") ]
#= string-versions
[ (builtins.compareVersions "1.0" "2.3pre1") (builtins.compareVersions "2.3" "2.3pre1") (builtins.compareVersions "2.3.1" "2.3a") (builtins.compareVersions "1" "1.0") (builtins.splitVersion "1.2a3-b") (builtins.parseDrvName "nix-0.12pre12876") (builtins.parseDrvName "hello") ]
#= hash-string
[ (builtins.hashString "md5" "a") (builtins.hashString "sha1" "a") (builtins.hashString "sha256" "") (builtins.hashString "sha512" "abc") ]
#! hash-string-unknown
builtins.hashString "crc" "a"
