# A part of the JSON on stdin, as it stands there: awk -v at=secrets.password -f json.awk. Nothing where there is none.
BEGIN { RS = "\001" }
{
  rest = $0
  value("")
}

# Reads the value that comes next, and what is in it; the name of a value is the path to it, with a dot before each step.
function value(path,    before, step, key) {
  skip_space()
  before = rest
  if (next_is("{")) {
    for (take("[{]"); !next_is("}"); next_is(",") && take(",")) {
      key = take("\"([^\"\\\\]|\\\\.)*\"")
      take(":")
      value(path "." substr(key, 2, length(key) - 2))
    }
    take("[}]")
  } else if (next_is("[")) {
    for (take("[[]"); !next_is("]"); next_is(",") && take(",")) value(path "." step++)
    take("[]]")
  } else take("\"([^\"\\\\]|\\\\.)*\"|[-+.0-9A-Za-z]+")
  if (path == "." at) print substr(before, 1, length(before) - length(rest))
}

function skip_space() { sub(/^[ \t\r\n]+/, "", rest) }

function next_is(character) {
  skip_space()
  return substr(rest, 1, 1) == character
}

function take(pattern,    taken) {
  skip_space()
  if (!match(rest, "^(" pattern ")")) {
    print "the input is not JSON" > "/dev/stderr"
    exit 1
  }
  taken = substr(rest, 1, RLENGTH)
  rest = substr(rest, RLENGTH + 1)
  return taken
}
