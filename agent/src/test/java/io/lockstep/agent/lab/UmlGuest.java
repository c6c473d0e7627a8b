package io.lockstep.agent.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * A guest with a Linux kernel of its own (User-Mode Linux), for file systems that this machine's kernel lacks. Its root
 * is this machine's, read-only; its network is a tap on its host's cable. Commands are scripts in a directory that both
 * see; their numbers go in, and their exit codes come out, over a serial line. The guest ends with its host.
 */
final class UmlGuest implements LabMachine {
    private static final Duration BOOT_DEADLINE = Duration.ofMinutes(2);
    private static final String READY = "ready";

    private static final String INIT = """
            #!/bin/bash
            export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            # Where JNA unpacks its library.
            export XDG_CACHE_HOME=/run/cache LC_ALL=C.UTF-8
            mount -t proc proc /proc
            mount -t sysfs sys /sys
            mount -t tmpfs tmpfs /run
            mount -t tmpfs tmpfs /mnt
            mkdir -p /run/lib/modules /mnt/control
            mount -t hostfs -o '%s' none /mnt/control
            ln -s "/usr/lib/uml/modules/$(uname -r)" /run/lib/modules/
            echo %s > /proc/sys/kernel/hostname
            ip link set lo up
            ip addr add %s/24 dev vec0
            ip link set vec0 up
            modprobe -d /run nfsv4
            exec 3<>/dev/ttyS0
            stty -F /dev/ttyS0 raw -echo
            echo ready >&3
            while read -r number <&3; do
              { bash "/mnt/control/$number.sh" </dev/null; echo "$number $?" >&3; } &
            done
            """;

    private final LabHost host;
    private final Path control;
    private final PrintStream numbers;
    private final Map<Integer, CompletableFuture<Integer>> running = new HashMap<>();
    private int last;

    private UmlGuest(LabHost host, Path control, PrintStream numbers) {
        this.host = host;
        this.control = control;
        this.numbers = numbers;
    }

    /**
     * Boots a guest that has the host's cable and address; the host itself gets another address on it.
     *
     * @param host without an address yet
     * @param control an empty directory
     */
    static UmlGuest boot(LabHost host, String hostAddress, Path control) throws IOException, InterruptedException {
        Files.createDirectories(control);
        var init = control.resolve("init");
        Files.writeString(init, INIT.formatted(control, host.name(), host.address()));
        Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwxr-xr-x"));
        host.run("ip", "link", "add", "br0", "type", "bridge");
        host.run("ip", "tuntap", "add", "tap0", "mode", "tap");
        for (var device : List.of("eth0", "tap0")) {
            host.run("ip", "link", "set", device, "master", "br0", "up");
        }
        host.run("ip", "addr", "add", hostAddress + "/24", "dev", "br0");
        host.run("ip", "link", "set", "br0", "up");
        var process = host.command(List.of(
                        "linux.uml",
                        "mem=1024M",
                        "root=/dev/root",
                        "rootfstype=hostfs",
                        "rootflags=/",
                        "ro",
                        "init=" + init,
                        "con=null",
                        "con0=null,fd:2",
                        "ssl0=fd:0,fd:1",
                        "vec0:transport=tap,ifname=tap0,depth=64"))
                .redirectError(control.resolve("console").toFile())
                .start();
        var guest = new UmlGuest(
                host, control, new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII));
        var booted = new CompletableFuture<Integer>();
        guest.running.put(0, booted);
        var lines = process.inputReader(StandardCharsets.US_ASCII);
        var reader = new Thread(() -> guest.read(lines), "guest-" + host.name());
        reader.setDaemon(true);
        reader.start();
        try {
            booted.get(BOOT_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the guest " + host.name() + " did not boot: see " + control.resolve("console"), e);
        }
        return guest;
    }

    private void read(BufferedReader lines) {
        try {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var fields = line.strip().split(" ", -1);
                if (fields[0].equals(READY)) {
                    finished(0, 0);
                } else if (fields.length == 2) {
                    finished(Integer.parseInt(fields[0]), Integer.parseInt(fields[1]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void finished(int number, int exitCode) {
        var future = running.remove(number);
        if (future != null) {
            future.complete(exitCode);
        }
    }

    LabHost host() {
        return host;
    }

    @Override
    public String name() {
        return host.name();
    }

    @Override
    public String address() {
        return host.address();
    }

    @Override
    public void provide(Path directory) throws IOException, InterruptedException {
        var script = "set -e; mkdir -p \"/run/provided$1\"; cp -a \"$1/.\" \"/run/provided$1\"; "
                + "mount --bind \"/run/provided$1\" \"$1\"";
        run("bash", "-c", script, "provide", directory.toString());
    }

    /** A script that runs in the guest. */
    private record Job(int number, CompletableFuture<Integer> exitCode) {}

    private synchronized Job job(String script) throws IOException {
        int number = ++last;
        // In one step, and under a name that the guest has not looked for before.
        Files.writeString(control.resolve(number + ".sh"), script);
        var future = new CompletableFuture<Integer>();
        running.put(number, future);
        numbers.println(number);
        return new Job(number, future);
    }

    private static String quoted(List<String> command) {
        return command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    @Override
    public Output attempt(Duration deadline, List<String> command) throws IOException, InterruptedException {
        // The command's own process is the script's, so that it is the one that is killed.
        var job = job("echo $$ > /run/$(basename \"$0\").pid\nexec " + quoted(command)
                + " > \"/mnt/control/$(basename \"$0\").out\" 2>&1\n");
        try {
            int exitCode = job.exitCode().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return new Output(exitCode, Files.readString(control.resolve(job.number() + ".sh.out")));
        } catch (TimeoutException e) {
            signal(job, "KILL");
            return new Output(-1, "no end within " + deadline);
        } catch (ExecutionException e) {
            throw new IOException(e);
        }
    }

    private void signal(Job job, String signal) throws IOException {
        job("kill -" + signal + " $(cat /run/" + job.number() + ".sh.pid)\n");
    }

    @Override
    public Program start(List<String> command, Path output) throws IOException {
        var job = job("echo $$ > /run/$(basename \"$0\").pid\nexec " + quoted(command) + " >> "
                + quoted(List.of(output.toString())) + " 2>&1\n");
        return new Program() {
            @Override
            public boolean isAlive() {
                return !job.exitCode().isDone();
            }

            @Override
            public boolean end(Duration patience) throws IOException, InterruptedException {
                signal(job, "TERM");
                try {
                    job.exitCode().get(patience.toMillis(), TimeUnit.MILLISECONDS);
                    return true;
                } catch (TimeoutException e) {
                    return false;
                } catch (ExecutionException e) {
                    throw new IOException(e);
                }
            }

            @Override
            public void kill() throws IOException {
                signal(job, "KILL");
            }
        };
    }
}
