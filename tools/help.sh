# With --help or -h, prints the comment at the top of the script that sources this, and ends it. Sourced first, by scripts whose
# comment says what they do, what they take and how long that is.
if [[ " $* " == *' --help '* || " $* " == *' -h '* ]]; then
  sed -n '2,/^[^#]/ { s/^# \{0,1\}//p }' "$0"
  exit 0
fi
