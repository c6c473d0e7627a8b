package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.cluster.Mode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Gateway's artifacts arrive everywhere, byte for byte and mtime for mtime, with the share and without. */
class GatewayHomeIT {
    private static final String SERVER = "data/gateway-home/repository/deployment/server";
    private static final int CHANGES = 20;
    private static final long MTIME_NANOS = 1_600_000_000_123_456_789L;

    @TempDir
    private Path directory;

    private Optional<TestCluster> cluster = Optional.empty();

    @AfterEach
    void endAgents() throws Exception {
        if (cluster.isPresent()) {
            cluster.get().close();
        }
    }

    /** The data lies in {@code shared}, beside the checkout or above it. */
    private static Optional<Path> gatewayHome() {
        for (var above = Path.of("").toAbsolutePath(); above != null; above = above.getParent()) {
            var found = above.resolve("shared").resolve(SERVER);
            if (Files.isDirectory(found)) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    @Test
    void everyFileArrivesInBothModes() throws Exception {
        var home = gatewayHome();
        assumeTrue(home.isPresent(), "there is no ../shared/" + SERVER + ", whose artifacts this test is about");
        var share = directory.resolve("share");
        SeenTree.run("cp", "-a", home.get().toString(), share.toString());
        SeenTree.run("chmod", "-R", "u+w", share.toString());
        var original = SeenTree.look(share);
        assertThat(files(original)).hasSizeGreaterThan(1400);

        var started = TestCluster.start(directory, 3);
        cluster = Optional.of(started);
        started.awaitServing(Mode.SHARED);
        started.awaitEverywhere(original);

        started.takeShareAway();
        started.awaitServing(Mode.RSYNC);
        started.awaitEverywhere(original);

        var changed = change(started.manager().live(), original);
        started.awaitEverywhere(changed);
        started.awaitServing(Mode.RSYNC);

        started.bringShareBack();
        started.awaitServing(Mode.SHARED);
        started.awaitEverywhere(changed);
        SeenTree.assertSame("the share", SeenTree.look(share), changed);
    }

    private static List<String> files(Map<String, SeenTree.Entry> tree) {
        return tree.keySet().stream()
                .filter(path -> tree.get(path).type().equals("file"))
                .toList();
    }

    /** Changes 20 files, deletes one and adds oddly named ones, as a Gateway writes: each in one step. */
    private static Map<String, SeenTree.Entry> change(Path live, Map<String, SeenTree.Entry> before) throws Exception {
        var apis = files(before).stream()
                .filter(path -> path.startsWith("synapse-configs/default/api/"))
                .toList();
        var added = oddNames();
        var api = live.resolve("synapse-configs/default/api");
        for (int i = 0; i < CHANGES; i++) {
            var name = live.resolve(apis.get(i)).getFileName().toString();
            var content = "<api name=\"changed-" + i + "\"/>\n";
            SeenTree.write(api, bytes(name), bytes(content), MTIME_NANOS + i);
        }
        for (int i = 0; i < added.size(); i++) {
            SeenTree.write(api, added.get(i), bytes("<api name=\"odd-" + i + "\"/>\n"), MTIME_NANOS - i);
        }
        Files.delete(live.resolve(apis.get(CHANGES)));
        var after = SeenTree.look(live);
        assertThat(after).hasSize(before.size() + added.size() - 1).doesNotContainKey(apis.get(CHANGES));
        for (var name : added) {
            var entry = after.get("synapse-configs/default/api/" + SeenTree.printable(name));
            assertThat(entry).as(SeenTree.printable(name)).isNotNull();
            assertThat(entry.mtimeNanos()).isBetween(MTIME_NANOS - added.size(), MTIME_NANOS);
        }
        return after;
    }

    private static List<byte[]> oddNames() {
        var longest = new byte[255];
        Arrays.fill(longest, (byte) 'n');
        var names = new ArrayList<>(List.of(
                bytes("a name with spaces.xml"),
                bytes("two\nlines.xml"),
                bytes("#hash.xml"),
                bytes("-dash.xml"),
                bytes("--delete"),
                bytes("\u00dcml\u00e4ut.xml")));
        names.add(longest);
        names.add(new byte[] {'i', 'n', 'v', (byte) 0xff, (byte) 0xc3, '.', 'x', 'm', 'l'});
        return names;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
