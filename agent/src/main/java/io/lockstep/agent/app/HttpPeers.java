package io.lockstep.agent.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.loop.PeerException;
import io.lockstep.agent.loop.Peers;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.agent.peer.ControlClient;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.agent.peer.StreamClient;
import io.lockstep.agent.rsync.FileSet;
import io.lockstep.agent.rsync.RsyncPull;
import io.lockstep.agent.rsync.TransferLimits;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.TreeCopy;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.MalformedManifestException;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.ManifestWalk;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogPage;
import io.lockstep.wire.PullRequest;
import io.lockstep.wire.TrieAnswers;
import io.lockstep.wire.TrieQuestions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The members over their control ports: JSON for what they say, and rsync for content. */
final class HttpPeers implements Peers {
    /** The path of the stream that serves a generation's files. */
    static final String RSYNC_PATH = "/v1/rsync";

    private static final Duration CALL = Duration.ofSeconds(4);
    private static final Duration BIG_CALL = Duration.ofSeconds(30);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final Map<NodeName, PeerAddress> addresses;
    private final ControlClient control;
    private final StreamClient streams;
    private final ObjectMapper json;
    private final RsyncPull rsync;
    private final Map<String, Path> works;
    private final Map<String, ContentStage> stages;
    private final Duration pullDeadline;

    /**
     * @param works each tree's work directory, by the tree's name
     * @param pullDeadline the longest time of one rsync run
     */
    HttpPeers(
            Map<NodeName, PeerAddress> addresses,
            ControlClient control,
            StreamClient streams,
            ObjectMapper json,
            RsyncPull rsync,
            Map<String, Path> works,
            Map<String, ContentStage> stages,
            Duration pullDeadline) {
        this.addresses = Map.copyOf(addresses);
        this.control = control;
        this.streams = streams;
        this.json = json;
        this.rsync = rsync;
        this.works = Map.copyOf(works);
        this.stages = stages;
        this.pullDeadline = pullDeadline;
    }

    @Override
    public Exchange exchange(NodeName member, Exchange mine) throws PeerException {
        var theirs = post(member, "/v1/exchange", mine, Exchange.class, CALL);
        if (!theirs.member().name().equals(member)) {
            throw new PeerException(
                    member + " says that it is " + theirs.member().name() + ": give each node its own node.name");
        }
        return theirs;
    }

    @Override
    public LogPage log(NodeName member, long after) throws PeerException {
        try {
            return value(member, control.get(address(member), "/v1/log?after=" + after, LogPage.class, BIG_CALL));
        } catch (InterruptedException e) {
            throw interrupted(member, e);
        }
    }

    @Override
    public Manifest manifest(NodeName member, Digest root, Manifest nearest) throws PeerException {
        var walk = new ManifestWalk(nearest, root);
        try {
            while (!walk.questions().isEmpty()) {
                var questions = new TrieQuestions(root, walk.questions());
                walk.accept(post(member, "/v1/trie", questions, TrieAnswers.class, BIG_CALL)
                        .answers());
            }
            return walk.result();
        } catch (MalformedManifestException e) {
            throw new PeerException(member + " sent a " + e.getMessage(), e);
        }
    }

    @Override
    public Staging pull(NodeName member, Generation generation, List<ManifestEntry> files) {
        var missing = new ArrayList<ManifestEntry>();
        Optional<String> problem = Optional.empty();
        for (var tree : Stages.byTree(files).entrySet()) {
            for (int from = 0; from < tree.getValue().size(); from += PullRequest.MAX_PATHS) {
                var part =
                        tree.getValue().subList(from, Math.min(tree.getValue().size(), from + PullRequest.MAX_PATHS));
                var pulled = pull(member, generation, tree.getKey(), part);
                missing.addAll(pulled.missing());
                problem = problem.or(pulled::problem);
            }
        }
        return new Staging(missing, missing.isEmpty() ? Optional.empty() : problem);
    }

    private Staging pull(NodeName member, Generation generation, String tree, List<ManifestEntry> files) {
        var work = works.get(tree);
        if (work == null) {
            return new Staging(files, Optional.of("this node has no tree called " + tree));
        }
        var request = new PullRequest(
                generation.root(),
                tree,
                files.stream()
                        .map(file -> file.path().withoutFirst().orElseThrow())
                        .toList());
        try {
            var directory = Files.createDirectories(work.resolve("pull"));
            var stream = streams.open(address(member), RSYNC_PATH, json.writeValueAsBytes(request), CONNECT, SILENCE);
            var outcome = rsync.pull(
                    FileSet.ofEntries(files),
                    directory,
                    new ConnectedStream(stream.input(), stream.output(), stream::close),
                    new TransferLimits(pullDeadline, SILENCE));
            var staged = take(directory, files, Stages.of(stages, tree));
            var missing =
                    files.stream().filter(file -> !staged.contains(file.path())).toList();
            return new Staging(
                    missing,
                    missing.isEmpty() ? Optional.empty() : Optional.of("from " + member + ": " + outcome.message()));
        } catch (IOException e) {
            return new Staging(files, Optional.of("from " + member + ": " + e.getMessage()));
        }
    }

    /** Takes over what arrived with the right digest, whatever the transfer's own outcome. */
    private static Set<EntryPath> take(Path directory, List<ManifestEntry> files, ContentStage stage) {
        var staged = new HashSet<EntryPath>();
        if (new TreeCopy(stage).copy(directory, files) instanceof TreeCopy.CopyOutcome.Copied copied) {
            for (var file : copied.files()) {
                if (file instanceof TreeCopy.FileCopy.Staged) {
                    staged.add(file.path());
                }
            }
        }
        return staged;
    }

    private <T> T post(NodeName member, String path, Object body, Class<T> type, Duration deadline)
            throws PeerException {
        try {
            return value(member, control.post(address(member), path, body, type, deadline));
        } catch (InterruptedException e) {
            throw interrupted(member, e);
        }
    }

    private PeerAddress address(NodeName member) {
        var address = addresses.get(member);
        if (address == null) {
            throw new IllegalArgumentException(member + " is not a member");
        }
        return address;
    }

    private static PeerException interrupted(NodeName member, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new PeerException("the agent stopped while it asked " + member, e);
    }

    private static <T> T value(NodeName member, CallOutcome<T> outcome) throws PeerException {
        if (outcome instanceof CallOutcome.Answered<T> answered) {
            return answered.value();
        }
        if (outcome instanceof CallOutcome.Refused<T> refused) {
            throw new PeerException(
                    member + " refused (" + refused.status() + "): " + refused.error() + "; " + refused.remedy());
        }
        if (outcome instanceof CallOutcome.Unreachable<T> unreachable) {
            throw new PeerException(member + " can't be reached: " + unreachable.reason());
        }
        throw new PeerException(member + " did not answer within " + ((CallOutcome.TimedOut<T>) outcome).deadline());
    }
}
