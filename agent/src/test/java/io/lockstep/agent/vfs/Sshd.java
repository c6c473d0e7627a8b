package io.lockstep.agent.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A real sshd on a loopback port with keys and a share of its own, in a directory that goes when it is closed. As root it
 * lets in {@code nobody}, to whom permissions apply.
 */
public final class Sshd {
    private static final Path PROGRAM = Path.of("/usr/sbin/sshd");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final Path share;
    private final String user;
    private final int port;
    private Optional<Process> process = Optional.empty();

    private Sshd(Path directory, String user, int port) {
        this.directory = directory;
        this.user = user;
        this.port = port;
        share = directory.resolve("share");
    }

    /** Starts one, or skips the test. */
    public static Sshd start() throws Exception {
        return start("");
    }

    /**
     * The same with further lines of sshd_config(5).
     */
    public static Sshd start(String more) throws Exception {
        assumeTrue(Files.isExecutable(PROGRAM), "sshd is missing (Debian: apt-get install openssh-server)");
        boolean isRoot = "root".equals(System.getProperty("user.name"));
        var directory = Files.createTempDirectory("lockstep-sshd");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (isRoot) {
            // Debian's sshd wants it, and its unit makes it.
            Files.createDirectories(Path.of("/run/sshd"));
        }
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        var sshd = new Sshd(directory, isRoot ? "nobody" : System.getProperty("user.name"), port);
        Files.createDirectory(sshd.share);
        sshd.own(sshd.share);
        sshd.makeKeys();
        Files.writeString(directory.resolve("sshd_config"), sshd.configuration(more));
        sshd.run();
        return sshd;
    }

    private void makeKeys() throws Exception {
        for (var key : List.of("host", "user", "stranger")) {
            run(
                    "ssh-keygen",
                    "-q",
                    "-t",
                    "ed25519",
                    "-N",
                    "",
                    "-f",
                    directory.resolve(key).toString());
        }
        Files.copy(directory.resolve("user.pub"), directory.resolve("authorized_keys"));
        knowHost("host");
        login("privateKey: user\nknownHosts: known_hosts\n");
    }

    /** Writes the known_hosts file as if the server had this key. */
    public void knowHost(String key) throws IOException {
        Files.writeString(
                directory.resolve("known_hosts"),
                "[127.0.0.1]:" + port + " " + Files.readString(directory.resolve(key + ".pub")));
    }

    /** Writes the credentials file. */
    public void login(String text) throws IOException {
        Files.writeString(credentials(), text);
        Files.setPosixFilePermissions(credentials(), PosixFilePermissions.fromString("rw-------"));
    }

    private String configuration(String more) {
        return String.format(
                Locale.ROOT, """
                %s
                Port %d
                ListenAddress 127.0.0.1
                HostKey %s
                PidFile none
                AuthorizedKeysFile %s
                StrictModes no
                UsePAM no
                MaxStartups 100
                LogLevel ERROR
                Subsystem sftp internal-sftp
                """, more, port, directory.resolve("host"), directory.resolve("authorized_keys"));
    }

    private void run() throws IOException {
        process = Optional.of(new ProcessBuilder(
                        PROGRAM.toString(),
                        "-D",
                        "-e",
                        "-f",
                        directory.resolve("sshd_config").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start());
        Awaitility.await("sshd listens").atMost(PATIENCE).untilAsserted(() -> {
            assertThat(process.get().isAlive())
                    .as(Files.readString(directory.resolve("log")))
                    .isTrue();
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
        });
    }

    /** Where the server has the share, on this machine. */
    public Path share() {
        return share;
    }

    public Path credentials() {
        return directory.resolve("share.yml");
    }

    public URI uri() {
        return uri(share);
    }

    public URI uri(Path place) {
        return URI.create("sftp://" + user + "@127.0.0.1:" + port + place);
    }

    public RemoteSettings settings(Duration deadline) {
        return new RemoteSettings("server", uri(), Optional.of(credentials()), deadline);
    }

    /** Gives something, and what is in it, to the user whom the server lets in. */
    public void own(Path path) throws Exception {
        if (user.equals("nobody")) {
            run("chown", "-hR", "nobody", path.toString());
        }
    }

    private List<ProcessHandle> processes() {
        var all = new ArrayList<ProcessHandle>();
        process.ifPresent(listener -> {
            all.add(listener.toHandle());
            listener.descendants().forEach(all::add);
        });
        return all;
    }

    /** Stops every process of the server in the middle of whatever it does: connections stay open and say nothing. */
    public void freeze() throws Exception {
        signal("STOP", List.of(process.orElseThrow().toHandle()));
        signal("STOP", processes());
    }

    public void thaw() throws Exception {
        signal("CONT", processes());
    }

    private static void signal(String signal, List<ProcessHandle> processes) throws Exception {
        for (var each : processes) {
            if (each.isAlive()) {
                new ProcessBuilder("kill", "-" + signal, Long.toString(each.pid()))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            }
        }
    }

    /** Ends the server and every connection. */
    public void end() throws Exception {
        if (process.isEmpty()) {
            return;
        }
        signal("STOP", List.of(process.get().toHandle()));
        var all = processes();
        signal("KILL", all);
        for (var each : all) {
            each.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        process = Optional.empty();
    }

    /** Starts the server again, on the same port. */
    public void startAgain() throws IOException {
        run();
    }

    /** Ends everything, and removes the directory. */
    public void close() throws Exception {
        end();
        // Not by java.io, which can't name what is no text.
        run("rm", "-rf", directory.toString());
    }

    static void run(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
