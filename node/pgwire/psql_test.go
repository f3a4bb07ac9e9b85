package pgwire

import (
	"os/exec"
	"strings"
	"testing"
)

func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed: ", err)
	}
	addr, _ := serve(t, &memory{}, Limits{})
	for _, x := range []struct{ sql, want string }{
		{"ROWS 2", "0|row 0\n1|row 1\n"},
		{"ALL", "t|-2|4|-8|1234567.8900|1.5|-0.1|grün|\\x00ff|2024-10-04|01:02:03.000001|" +
			"2023-11-14 22:13:20.123456|2023-11-14 22:13:20+00|1 year 2 mons 3 days 00:00:05|" +
			"30313233-3435-3637-3839-616263646566|{\"a\": 1}|{1,NULL,-3}\n"},
		{"FAIL here", "ERROR:  22012: division by zero\nLINE 1: FAIL here\n             ^\n" +
			"DETAIL:  some detail\nHINT:  some hint\n"},
		{"NOTE", "NOTE\n"},
		{"COPY", "1\ta\\tb\\\\c\\nd\\re\\b\\f\\vü\n2\t\\N\n"},
	} {
		cmd := exec.Command(psql, "-X", "-A", "-t", "-v", "VERBOSITY=verbose", "-c", x.sql, dsn(addr))
		cmd.Env = []string{"LC_ALL=C.UTF-8"}
		out, err := cmd.CombinedOutput()
		if failed := err != nil; failed != strings.HasPrefix(x.sql, "FAIL") {
			t.Fatalf("%s: %v\n%s", x.sql, err, out)
		}
		if got := string(out); !strings.HasSuffix(got, x.want) {
			t.Errorf("%s:\n%s\nwant\n%s", x.sql, got, x.want)
		}
	}
}
