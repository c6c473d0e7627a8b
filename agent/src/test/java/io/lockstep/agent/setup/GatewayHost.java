package io.lockstep.agent.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A host with a Gateway, below one directory, as setup finds it; and whether it is as it was. */
final class GatewayHost implements AutoCloseable {
    /** The four layouts. */
    enum Layout {
        LINK,
        LINK_WITH_UNDERLAY,
        BIND,
        NONE
    }

    final Path base;
    final Path live;
    final Path share;
    final Path replica;
    final Path state;
    private final Layout layout;
    private final Object inode;
    private final TreeContents contents;
    private final Set<String> names;

    private GatewayHost(Path base, Layout layout) throws IOException {
        this.base = base;
        this.layout = layout;
        live = base.resolve("opt/deployment/server");
        state = base.resolve("var/state");
        share = layout == Layout.NONE ? live : base.resolve("mnt/wso2/server");
        replica = switch (layout) {
            case LINK -> base.resolve("var/replica/server");
            case LINK_WITH_UNDERLAY -> base.resolve("var/underlay/wso2/server");
            case BIND, NONE -> base.resolve("var/underlay/server");
        };
        write(live);
        Files.createDirectories(base.resolve("mnt/wso2"));
        Files.createDirectories(state);
        inode = Files.getAttribute(live, "unix:ino");
        contents = TreeContents.of(live);
        if (layout != Layout.LINK) {
            mountShare();
        }
        names = names();
    }

    /** @param directory where it is made; the test's own */
    static GatewayHost make(Path directory, Layout layout) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount, and give files to others");
        return new GatewayHost(Files.createDirectories(directory).toRealPath(), layout);
    }

    /** Whatever a Gateway's directory may hold. */
    private static void write(Path live) throws IOException {
        var api = Files.createDirectories(live.resolve("synapse-configs/default/api"));
        Files.createDirectories(live.resolve("carbonapps"));
        var webapps = Files.createDirectories(live.resolve("webapps"));
        Files.write(webapps.resolve("a.war"), new byte[100_000]);
        Files.createSymbolicLink(webapps.resolve("current"), Path.of("a.war"));
        Files.createSymbolicLink(webapps.resolve("dangling"), Path.of("/nowhere"));
        var secret = Files.writeString(api.resolve("secret.xml"), "<api/>");
        Files.setAttribute(secret, "unix:mode", 0640);
        Files.setAttribute(secret, "unix:uid", 12345);
        Files.setLastModifiedTime(secret, FileTime.from(Instant.parse("2024-05-06T07:08:09.123456789Z")));
        if (DirectoryHandle.open(api) instanceof Attempt.Done<DirectoryHandle> done) {
            try (var handle = done.value()) {
                var name = "n\u00e4me \n.xml".getBytes(StandardCharsets.ISO_8859_1);
                assertThat(handle.createFile(name, 0644)).isInstanceOf(Attempt.Done.class);
            }
        }
        Files.setAttribute(live, "unix:uid", 12345);
        Files.setAttribute(live, "unix:gid", 12345);
        Files.setLastModifiedTime(live, FileTime.from(Instant.parse("2023-01-02T03:04:05.987654321Z")));
    }

    private void mountShare() throws IOException {
        var point = layout == Layout.NONE ? live : base.resolve("mnt/wso2");
        HostCommand.run(Duration.ofSeconds(30), "mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", point.toString());
        Files.createDirectories(share.resolve("synapse-configs"));
    }

    AgentConfiguration configuration() throws Exception {
        var flip = layout.name().toLowerCase(java.util.Locale.ROOT).replaceFirst("_.*", "");
        return ConfigurationFile.parse("""
                cluster: {id: prod, manager: gw1, members: [{name: gw1, control: "https://127.0.0.1:9881"}]}
                node: {name: gw1, state: %s}
                trees: [{name: server, share: %s, live: %s, replica: %s, flip: %s}]
                """.formatted(state, share, live, replica, flip), file());
    }

    Path file() {
        return base.resolve("var/lockstep.yml");
    }

    Path conf() {
        return base.resolve("var/bind.conf");
    }

    HostPlan plan() throws Exception {
        return HostPlanner.plan(configuration(), file());
    }

    void apply() throws Exception {
        var plan = plan();
        assertThat(plan.obstacles()).isEmpty();
        new HostSetup(state).apply(plan);
    }

    /** The names of all that is on the host's own disk. */
    private Set<String> names() throws IOException {
        var found = new TreeSet<String>();
        var mounts = new MountInfo().read();
        try (Stream<Path> all = Files.walk(base)) {
            all.filter(path -> !path.startsWith(state))
                    .filter(path -> mounts.covering(path.toString())
                            .map(mount -> !mount.point().startsWith(base.toString()))
                            .orElse(true))
                    .forEach(path -> found.add(base.relativize(path).toString()));
        }
        return found;
    }

    /** Fails unless the host is as it was made. */
    void assertAsItWas() throws IOException {
        assertThat(mountpoints()).hasSize(layout == Layout.LINK ? 0 : 1);
        assertThat(names()).isEqualTo(names);
        if (layout == Layout.NONE) {
            HostCommand.run(Duration.ofSeconds(30), "umount", live.toString());
        }
        assertThat(Files.getAttribute(live, "unix:ino")).isEqualTo(inode);
        assertSame(live);
    }

    /** Fails unless the host is as the configuration says, and nothing of the Gateway's is lost. */
    void assertPrepared() throws Exception {
        assertThat(plan().isComplete()).isTrue();
        assertThat(replica.resolveSibling(".lockstep/server")).isDirectory();
        if (layout == Layout.BIND) {
            assertThat(Files.getAttribute(live, "unix:ino")).isEqualTo(inode);
            assertSame(live);
        }
        if (layout == Layout.LINK || layout == Layout.LINK_WITH_UNDERLAY) {
            assertThat(Files.readSymbolicLink(live)).isEqualTo(replica);
            var kept = TreeSurvey.aside(live);
            assertThat(Files.getAttribute(kept, "unix:ino")).isEqualTo(inode);
            assertSame(kept);
        }
        assertSame(replica);
        if (layout != Layout.LINK) {
            assertThat(mountpoints()).hasSize(2).contains(base + "/var/underlay");
            assertThat(conf()).exists();
        }
    }

    private void assertSame(Path path) throws IOException {
        assertThat(contents.differences(TreeContents.of(path))).isEmpty();
    }

    List<String> mountpoints() throws IOException {
        return new MountInfo()
                .read().entries().stream()
                        .map(entry -> entry.point())
                        .filter(point -> Path.of(point).startsWith(base))
                        .toList();
    }

    /** Unmounts all. */
    @Override
    public void close() throws IOException {
        for (var point : mountpoints()) {
            HostCommand.run(Duration.ofSeconds(30), "umount", "--lazy", point);
        }
    }
}
