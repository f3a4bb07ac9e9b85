package postgres

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Start runs a server on a socket in a temporary directory until the test ends, and returns a
// connection. It skips the test where that cannot be, and in short runs.
func Start(t testing.TB) *pgconn.PgConn {
	t.Helper()
	if testing.Short() {
		t.Skip("a PostgreSQL server takes seconds to start")
	}
	bin := find(t)
	version, _ := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if !strings.Contains(string(version), " 15.") {
		t.Skipf("PostgreSQL 15 is wanted, not %s", bytes.TrimSpace(version))
	}
	dir, err := os.MkdirTemp("", "weirpg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Getuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Skipf("root without the right to change owners: %v", err)
		}
	}
	data := filepath.Join(dir, "data")
	initdb := unprivileged(exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "weir",
		"-A", "trust", "--locale=C", "--encoding=UTF8", "--no-sync"))
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Skipf("initdb: %v\n%s", err, out)
	}
	server := unprivileged(exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "timezone=UTC", "-c", "jit=off"))
	server.Dir = dir
	var log bytes.Buffer
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Skipf("postgres: %v", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	for range 100 {
		c, err := pgconn.Connect(context.Background(), "host="+dir+" user=weir dbname=postgres")
		if err == nil {
			t.Cleanup(func() { _ = c.Close(context.Background()) })
			return c
		}
		//weir:clock a test waits for another process
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("postgres does not answer:\n%s", log.String())
	return nil
}

// find returns the directory of postgres and initdb, or skips.
func find(t testing.TB) string {
	t.Helper()
	//weir:env a test looks for a program
	dirs := append([]string{}, filepath.SplitList(os.Getenv("PATH"))...)
	for _, d := range append(dirs, "/usr/lib/postgresql/15/bin") {
		_, err1 := os.Stat(filepath.Join(d, "postgres"))
		_, err2 := os.Stat(filepath.Join(d, "initdb"))
		if err1 == nil && err2 == nil {
			return d
		}
	}
	t.Skip("no postgres and initdb here")
	return ""
}

// nobody is the user that the server runs as when the test runs as root, which it refuses.
const nobody = 65534

func unprivileged(cmd *exec.Cmd) *exec.Cmd {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: nobody, Gid: nobody},
		}
	}
	return cmd
}
