package io.lockstep.agent.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Hosts on one bridge. Every host, and the hub that has the bridge, is a process in namespaces of its own; nothing of it
 * has a name outside. All of it ends with {@link #close()}, and with this JVM however that ends.
 */
final class LabNetwork implements AutoCloseable {
    private static final String PREFIX = "10.77.0.";
    private static final String BRIDGE = "br0";
    private static final List<String> NEEDED = List.of("unshare", "nsenter", "ip", "bash");
    private static final int TRIAL_SECONDS = 30;
    private static final int FIRST = 10;
    private static final int FIRST_BESIDE_GUEST = 110;

    private final LabHost hub;
    private final List<LabHost> hosts = new ArrayList<>();

    private LabNetwork(LabHost hub) {
        this.hub = hub;
    }

    /** Skips the test with a message where this machine can't give hosts, or lacks one of these programs. */
    static void assumeAvailable(String... programs) throws IOException, InterruptedException {
        var missing = missing(programs);
        assumeTrue(missing.isEmpty(), () -> "no hosts here: " + missing.orElseThrow());
    }

    /** Why this machine can't give hosts with these programs; empty when it can. */
    static Optional<String> missing(String... programs) throws IOException, InterruptedException {
        if (ProcessHandle.current().info().user().filter("root"::equals).isEmpty()) {
            return Optional.of("namespaces and mounts need root");
        }
        for (var program : NEEDED) {
            if (!isInstalled(program)) {
                return Optional.of(program + " is not installed");
            }
        }
        for (var program : programs) {
            if (!isInstalled(program)) {
                return Optional.of(program + " is not installed (./check installs it as root on Debian)");
            }
        }
        var unshare = new ProcessBuilder("unshare", "-m", "-u", "-n", "-p", "--fork", "--mount-proc", "true")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return unshare.waitFor(TRIAL_SECONDS, TimeUnit.SECONDS) && unshare.exitValue() == 0
                ? Optional.empty()
                : Optional.of("this machine gives no namespaces to root");
    }

    private static boolean isInstalled(String program) {
        var path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin" + File.pathSeparator
                + "/sbin";
        for (var directory : path.split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    static LabNetwork open() throws IOException, InterruptedException {
        var hub = LabHost.start("hub", PREFIX + 1);
        try {
            hub.run("ip", "link", "add", BRIDGE, "type", "bridge");
            hub.run("ip", "addr", "add", PREFIX + "1/24", "dev", BRIDGE);
            hub.run("ip", "link", "set", BRIDGE, "up");
            return new LabNetwork(hub);
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            hub.close();
            throw e;
        }
    }

    /** Makes a host, plugs it in, and gives it its address. */
    LabHost host(String name) throws IOException, InterruptedException {
        var host = bareHost(name);
        host.run("ip", "addr", "add", host.address() + "/24", "dev", "eth0");
        return host;
    }

    /** Makes a host with a guest that has its cable and its address. */
    UmlGuest guest(String name, Path control) throws IOException, InterruptedException {
        var host = bareHost(name);
        return UmlGuest.boot(host, PREFIX + (FIRST_BESIDE_GUEST + hosts.size()), control);
    }

    private LabHost bareHost(String name) throws IOException, InterruptedException {
        var host = LabHost.start(name, PREFIX + (FIRST + hosts.size()));
        hosts.add(host);
        hub.runInNetworkOnly(
                "ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", Long.toString(host.pid()));
        hub.run("ip", "link", "set", name, "master", BRIDGE, "up");
        host.run("ip", "link", "set", "eth0", "up");
        return host;
    }

    /** Pulls the host's cable at the bridge: it keeps its address and reaches nobody. */
    void unplug(LabHost host) throws IOException, InterruptedException {
        hub.run("ip", "link", "set", host.name(), "down");
    }

    void plug(LabHost host) throws IOException, InterruptedException {
        hub.run("ip", "link", "set", host.name(), "up");
    }

    @Override
    public void close() {
        for (int i = hosts.size() - 1; i >= 0; i--) {
            hosts.get(i).close();
        }
        hub.close();
    }
}
