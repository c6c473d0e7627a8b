package io.lockstep.agent.faulty;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The process that serves the faulty mounts: a file system of user space must not live in the process that uses it. It
 * takes one command a line on standard input, fields apart by tabs, and answers each by one line, {@code ok ...} or
 * {@code failed ...}:
 *
 * <pre>
 * mount NAME MOUNTPOINT BACKING SOURCE
 * fault NAME KIND OPERATION,... BELOW
 * stale NAME                            shows the moment's content from now on
 * clear NAME                            ends all faults and staleness; what hangs goes on
 * waiting NAME                          how many calls hang
 * struck NAME                           how many calls met a fault
 * ended NAME                            waits until an unmounted file system has let go of everything
 * </pre>
 *
 * At the end of the input it detaches what is still mounted and ends, so that a killed test leaves nothing.
 */
public final class FaultyDaemon {
    /** The type in the mount table. */
    static final String SUBTYPE = "faulty";

    private static final int PATIENCE_SECONDS = 20;

    private final Map<String, Served> mounts = new TreeMap<>();

    private record Served(
            Path mountpoint, Path backing, FaultSwitch faults, FaultyFileSystem files, Thread loop, StaleBox stale) {}

    /** The copy that a stale mount shows. */
    private static final class StaleBox {
        private Optional<StaleCopy> copy = Optional.empty();
    }

    private FaultyDaemon() {}

    public static void main(String[] arguments) throws IOException {
        FileCalls.LIBRARY.umask(0);
        var daemon = new FaultyDaemon();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(daemon.answer(line.split("\t", -1)));
            System.out.flush();
        }
        daemon.detachAll();
        // No shutdown hooks: jnr-fuse's would wait for mounts that are gone.
        Runtime.getRuntime().halt(0);
    }

    private String answer(String[] fields) {
        try {
            if (fields[0].equals("mount")) {
                return mount(fields[1], Path.of(fields[2]), Path.of(fields[3]), fields[4]);
            }
            var mount = mounts.get(fields[1]);
            if (mount == null) {
                return "failed " + fields[1] + " is not mounted";
            }
            return switch (fields[0]) {
                case "fault" -> {
                    mount.faults().add(Fault.parse(fields[2], fields[3], fields[4]));
                    yield "ok";
                }
                case "stale" -> stale(mount);
                case "clear" -> clear(mount);
                case "waiting" -> "ok " + mount.faults().waiting();
                case "struck" -> "ok " + mount.faults().struck();
                case "ended" -> ended(fields[1], mount);
                default -> "failed no such command: " + fields[0];
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "failed interrupted";
        } catch (IOException | RuntimeException e) {
            return "failed " + e.toString().replace('\n', ' ');
        }
    }

    private String mount(String name, Path mountpoint, Path backing, String source) throws InterruptedException {
        var faults = new FaultSwitch();
        var files = new FaultyFileSystem(backing.toString(), faults);
        var options = String.join(
                ",",
                "fsname=" + source,
                "subtype=" + SUBTYPE,
                "attr_timeout=0",
                "entry_timeout=0",
                "negative_timeout=0",
                // Every read asks the server, and a file that is unlinked while open leaves no other name behind.
                "direct_io",
                "hard_remove",
                "use_ino",
                "allow_other",
                "default_permissions",
                "nonempty");
        var loop = new Thread(() -> files.mount(mountpoint, true, false, new String[] {"-o", options}), "fuse-" + name);
        loop.setDaemon(true);
        loop.start();
        while (!files.asked().await(100, TimeUnit.MILLISECONDS)) {
            if (!loop.isAlive()) {
                return "failed to mount " + mountpoint + ": see the daemon's log";
            }
        }
        mounts.put(name, new Served(mountpoint, backing, faults, files, loop, new StaleBox()));
        return "ok";
    }

    private static String stale(Served mount) throws IOException, InterruptedException {
        if (mount.stale().copy.isEmpty()) {
            var copy = StaleCopy.of(mount.backing());
            mount.stale().copy = Optional.of(copy);
            mount.files().showStale(copy.directory().toString(), copy.inodes());
        }
        return "ok";
    }

    private static String clear(Served mount) throws IOException, InterruptedException {
        mount.files().showFresh();
        mount.faults().clear();
        var copy = mount.stale().copy;
        mount.stale().copy = Optional.empty();
        if (copy.isPresent()) {
            copy.get().delete();
        }
        return "ok";
    }

    private String ended(String name, Served mount) throws IOException, InterruptedException {
        clear(mount);
        mount.loop().join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        if (mount.loop().isAlive()) {
            return "failed: " + mount.mountpoint() + " is still served";
        }
        mounts.remove(name);
        return "ok";
    }

    private void detachAll() {
        for (var mount : mounts.values()) {
            try {
                clear(mount);
                var unmount = new ProcessBuilder(
                                "umount", "-l", "-c", mount.mountpoint().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                unmount.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (IOException e) {
                System.err.println(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
