package io.lockstep.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.http.HttpLimits;
import io.lockstep.agent.http.Relay;
import io.lockstep.agent.http.TestServer;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.loop.PullTask;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.agent.peer.StreamClient;
import io.lockstep.agent.rsync.RsyncInstallation;
import io.lockstep.agent.rsync.RsyncPull;
import io.lockstep.agent.rsync.RsyncServe;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.KeptCopies;
import io.lockstep.agent.store.KeptListing;
import io.lockstep.agent.store.Trash;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TestIdentities;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A node that pulls, gw2, and members that serve their replicas over TLS by the real rsync, each behind a relay. */
final class PullFixture implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final long MTIME_NANOS = 1_577_836_800_123_456_789L;
    private static final String TREE = "server";

    final Path work;
    final Path replica;
    final ContentStage stage;
    final Map<String, Member> members = new LinkedHashMap<>();
    final Map<EntryPath, ManifestEntry> reference = new TreeMap<>();
    final NodeIdentity identity;
    private final Map<EntryPath, ManifestEntry> held = new TreeMap<>();
    private final RsyncInstallation.Usable rsync;
    private final Path home;
    private final ContentPull contents;

    /** A member that holds the generation, or thinks so. */
    final class Member implements AutoCloseable {
        final Path replica;
        final Relay relay;
        final Path work;
        final Corruptions corruptions = new Corruptions();
        /** What the last scan of its replica showed. */
        final Map<EntryPath, ManifestEntry> seen = new TreeMap<>(reference);

        private final TestServer server;

        Member(NodeIdentity identity, Path directory) throws IOException {
            replica = Files.createDirectories(directory.resolve("replica"));
            work = Files.createDirectories(directory.resolve("work"));
            var contents = new LocalContents(
                    Map.of(TREE, new ContentStage(work.resolve("stage"))),
                    Map.of(TREE, new Trash(work.resolve("trash"))),
                    Map.of(TREE, new ConflictStore(work.resolve("conflicts"))),
                    tree -> replica,
                    corruptions);
            var streams = new ReplicaStreams(
                    root -> Optional.of(manifest(reference))
                            .filter(m -> m.root().equals(root)),
                    () -> Optional.of(manifest(seen)),
                    new RsyncServe(rsync, Files.createDirectories(directory.resolve("home"))),
                    tree -> replica,
                    new KeptServing(Map.of(TREE, work), contents),
                    Json.mapper(),
                    DEADLINE);
            server = new TestServer(identity, HttpLimits.defaults(), streams);
            relay = new Relay().to(server.server.controlPort());
        }

        /** Takes a file out of the replica, as an apply that deletes it does: it lies in the trash now. */
        Path discard(String path) throws IOException {
            var entry = published(EntryPath.of(TREE + "/" + path));
            var copies = new KeptCopies(
                    new Trash(work.resolve("trash")), new ConflictStore(work.resolve("conflicts")), Clock.systemUTC());
            copies.keep(replica.resolve(path), new GenerationId(1, 2), entry.path(), digest -> true);
            seen.remove(entry.path());
            return ((KeptListing.Listed) new Trash(work.resolve("trash")).list(1000))
                    .entries().stream()
                            .filter(kept -> kept.path().equals(entry.path()))
                            .findFirst()
                            .orElseThrow()
                            .content();
        }

        /** Gives a file other bytes and keeps its size and time, as a disk that fails does. */
        void rot(String path) throws IOException {
            var file = replica.resolve(path);
            var content = Files.readAllBytes(file);
            content[content.length / 2] ^= 1;
            PullFixture.write(replica, path, content);
        }

        @Override
        public void close() throws IOException {
            relay.close();
            server.close();
        }
    }

    PullFixture(Path directory, String... memberNames) throws Exception {
        var found = RsyncInstallation.probe("rsync");
        assertThat(found).as(found.message()).isInstanceOf(RsyncInstallation.Usable.class);
        rsync = (RsyncInstallation.Usable) found;
        var identities = new TestIdentities(directory, "ca");
        identity = identities.node("gw2");
        work = Files.createDirectories(directory.resolve("work"));
        replica = Files.createDirectories(directory.resolve("own"));
        home = Files.createDirectories(directory.resolve("home"));
        stage = new ContentStage(work.resolve("stage"));
        for (var name : memberNames) {
            members.put(name, new Member(identities.node(name), directory.resolve(name)));
        }
        contents = contentPull(addresses());
    }

    private Map<NodeName, PeerAddress> addresses() {
        var addresses = new TreeMap<NodeName, PeerAddress>();
        members.forEach(
                (name, member) -> addresses.put(new NodeName(name), new PeerAddress(name, member.relay.control())));
        return addresses;
    }

    Member member(String name) {
        return Optional.ofNullable(members.get(name)).orElseThrow();
    }

    PeerAddress address(String name) {
        return new PeerAddress(name, member(name).relay.control());
    }

    ManifestEntry published(EntryPath path) {
        return Optional.ofNullable(reference.get(path)).orElseThrow();
    }

    private ContentPull contentPull(Map<NodeName, PeerAddress> addresses) {
        var places = new PullPlaces(Map.of(TREE, work), tree -> replica);
        var stages = Map.of(TREE, stage);
        var parcels = new ParcelPull(
                addresses,
                new StreamClient(identity, Json.mapper(), "lockstep-rsync"),
                Json.mapper(),
                new RsyncPull(rsync, home),
                places,
                stages,
                DEADLINE);
        return new ContentPull(parcels, places, stages, Clock.systemUTC(), DEADLINE);
    }

    private static Manifest manifest(Map<EntryPath, ManifestEntry> files) {
        var entries = new TreeMap<EntryPath, ManifestEntry>(files);
        entries.put(EntryPath.of(TREE), ManifestEntry.directory(EntryPath.of(TREE), 0755));
        for (var file : files.keySet()) {
            for (var above = file.parent();
                    above.isPresent();
                    above = above.get().parent()) {
                entries.putIfAbsent(above.get(), ManifestEntry.directory(above.get(), 0755));
            }
        }
        return Manifest.ofUnsorted(new ArrayList<>(entries.values()));
    }

    private static void write(Path root, String path, byte[] content) throws IOException {
        var file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        Files.setLastModifiedTime(file, FileTime.from(MTIME_NANOS, TimeUnit.NANOSECONDS));
    }

    private static ManifestEntry entry(String path, byte[] content) {
        return ManifestEntry.file(
                EntryPath.of(TREE + "/" + path), 0644, content.length, MTIME_NANOS, Digest.of(content));
    }

    /** Puts a file into the generation and into every member's replica. */
    ManifestEntry publish(String path, byte[] content) throws IOException {
        var entry = entry(path, content);
        reference.put(entry.path(), entry);
        for (var member : members.values()) {
            write(member.replica, path, content);
            member.seen.put(entry.path(), entry);
        }
        return entry;
    }

    ManifestEntry publish(String path, String content) throws IOException {
        return publish(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Puts a file into the pulling node's replica, as its last scan saw it. */
    void hold(String path, byte[] content) throws IOException {
        write(replica, path, content);
        var entry = entry(path, content);
        held.put(entry.path(), entry);
    }

    /** The replica has no older version of anything. */
    void holdNothing() {
        held.clear();
    }

    /** Asks these members, or all, for the whole generation. */
    Staging pull(String... from) {
        var names = from.length == 0 ? members.keySet() : Arrays.asList(from);
        var reference = manifest(this.reference);
        return contents.pull(new PullTask(
                new Generation(new GenerationId(1, 1), reference.root(), Optional.empty(), reference.root()),
                List.copyOf(this.reference.values()),
                names.stream().map(NodeName::new).toList(),
                manifest(held)));
    }

    /** The generation's root digest. */
    Digest root() {
        return manifest(reference).root();
    }

    void forget() {
        contents.forget();
    }

    Path pulls() {
        return work.resolve("pull");
    }

    /** What went over the wire since it was last asked, of all members. */
    long takeWireBytes() {
        return members.values().stream()
                .mapToLong(member -> member.relay.takeBytes())
                .sum();
    }

    /** The rsync processes of this node's pulls: its home directory is their {@code HOME}. */
    List<ProcessHandle> pullProcesses() throws IOException {
        var mark = "HOME=" + home + "\0";
        var found = new ArrayList<ProcessHandle>();
        for (var process : ProcessHandle.allProcesses().toList()) {
            try {
                var environment =
                        Files.readString(Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1);
                if (environment.contains(mark)) {
                    found.add(process);
                }
            } catch (IOException gone) {
                // A process that ended since it was listed, or another user's, is none of ours.
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        for (var member : members.values()) {
            member.close();
        }
    }
}
