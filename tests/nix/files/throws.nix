# The error is on line 4, column 7.
let
  f = x:
    x.missing;
in
{
  inner = f { present = 1; };
  thrown = throw "on purpose";
  typed = 1 + "a";
  asserted = assert 1 == 2; 3;
}
