package io.lockstep.agent.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.loop.PeerException;
import io.lockstep.agent.loop.Rejection;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.agent.peer.StreamClient;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.rsync.ByteStream;
import io.lockstep.agent.rsync.FileSet;
import io.lockstep.agent.rsync.RsyncOutcome;
import io.lockstep.agent.rsync.RsyncPull;
import io.lockstep.agent.rsync.RsyncReason;
import io.lockstep.agent.rsync.StagedFiles;
import io.lockstep.agent.rsync.TransferLimits;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Parcel;
import io.lockstep.wire.PullRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls one parcel from one member: opens a stream, runs rsync, and takes into the stage what has the right digest. For
 * several threads, each with another parcel.
 */
final class ParcelPull {
    /** The path of the stream that serves a generation's files. */
    static final String RSYNC_PATH = "/v1/rsync";

    private static final Logger LOG = LoggerFactory.getLogger(ParcelPull.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    /** How many files with wrong bytes are told of, for one parcel. */
    private static final int MOST_REJECTIONS = 3;

    private final Map<NodeName, PeerAddress> addresses;
    private final StreamClient streams;
    private final ObjectMapper json;
    private final RsyncPull rsync;
    private final PullPlaces places;
    private final Map<String, ContentStage> stages;
    private final TransferLimits limits;

    /** @param deadline the longest time of one rsync run */
    ParcelPull(
            Map<NodeName, PeerAddress> addresses,
            StreamClient streams,
            ObjectMapper json,
            RsyncPull rsync,
            PullPlaces places,
            Map<String, ContentStage> stages,
            Duration deadline) {
        this.addresses = Map.copyOf(addresses);
        this.streams = streams;
        this.json = json;
        this.rsync = rsync;
        this.places = places;
        this.stages = stages;
        this.limits = new TransferLimits(deadline, SILENCE);
    }

    /**
     * What came of it.
     *
     * @param missing what the stage still lacks of the parcel
     * @param problem why; empty when nothing is missing
     * @param served whether the member served a stream; one that did not is not asked for other parcels
     * @param movedBytes over the stream, in both directions
     */
    record Pulled(
            List<ManifestEntry> missing,
            Optional<String> problem,
            List<Rejection> rejections,
            boolean served,
            long movedBytes) {
        static Pulled complete(long movedBytes) {
            return new Pulled(List.of(), Optional.empty(), List.of(), true, movedBytes);
        }

        static Pulled failed(Parcel parcel, String problem, boolean served) {
            return new Pulled(parcel.files(), Optional.of(problem), List.of(), served, 0);
        }
    }

    /** @param root the generation's root digest */
    Pulled pull(NodeName member, Digest root, Parcel parcel) {
        try {
            var full = places.lackOfRoom(parcel);
            if (full.isPresent()) {
                return Pulled.failed(parcel, full.get(), true);
            }
            return parcel.isLarge() ? pullLarge(member, root, parcel) : pullSmall(member, root, parcel);
        } catch (PeerException e) {
            return Pulled.failed(parcel, String.valueOf(e.getMessage()), false);
        } catch (IOException e) {
            return Pulled.failed(parcel, "the directory for pulls: " + e, true);
        }
    }

    private Pulled pullSmall(NodeName member, Digest root, Parcel parcel) throws IOException, PeerException {
        var directory = places.forSmall(parcel);
        try {
            var stream = open(member, root, parcel);
            var outcome = rsync.pull(FileSet.ofEntries(parcel.files()), directory, stream, limits);
            return take(member, parcel, directory, outcome);
        } finally {
            // What arrived whole is in the stage now.
            new StagedFiles(directory).remove();
        }
    }

    private Pulled pullLarge(NodeName member, Digest root, Parcel parcel) throws IOException, PeerException {
        var partial = places.forLarge(parcel);
        if (partial.hasFullLength() && take(parcel, partial.target()).isComplete()) {
            partial.remove();
            return Pulled.complete(0);
        }
        var unused = partial.prepare(places.older(parcel, partial));
        unused.ifPresent(why -> LOG.info(
                "the replica's version of {} does not help a pull: {}",
                parcel.files().get(0).path(),
                why));
        var outcome = rsync.resume(partial, open(member, root, parcel), limits);
        var pulled = take(member, parcel, partial.target(), outcome);
        boolean isOfNoMoreUse =
                pulled.missing().isEmpty() || !pulled.rejections().isEmpty();
        if (isOfNoMoreUse || outcome.reason() == RsyncReason.DISK_FULL) {
            partial.remove();
        }
        return pulled;
    }

    private ByteStream open(NodeName member, Digest root, Parcel parcel) throws IOException, PeerException {
        var request = request(root, parcel);
        try {
            var stream = streams.open(address(member), RSYNC_PATH, request, CONNECT, SILENCE);
            return new ConnectedStream(stream.input(), stream.output(), stream::close);
        } catch (IOException e) {
            throw new PeerException("from " + member + ": " + e.getMessage(), e);
        }
    }

    private Pulled take(NodeName member, Parcel parcel, Path arrived, RsyncOutcome outcome) throws IOException {
        var taken = take(parcel, arrived);
        var rejections = rejections(member, parcel, taken.missing(), arrived, outcome);
        var problem = "from " + member + ": " + outcome.message()
                + rejections.stream()
                        .map(rejection -> "; it " + rejection.text())
                        .collect(Collectors.joining())
                + taken.problem().map(why -> "; " + why).orElse("");
        return new Pulled(
                taken.missing(),
                taken.isComplete() ? Optional.empty() : Optional.of(problem),
                rejections,
                true,
                outcome.receivedBytes() + outcome.sentBytes());
    }

    private byte[] request(Digest root, Parcel parcel) throws IOException {
        var paths = parcel.files().stream()
                .map(file -> file.path().withoutFirst().orElseThrow())
                .toList();
        return json.writeValueAsBytes(new PullRequest(root, parcel.tree().toString(), paths));
    }

    private Staging take(Parcel parcel, Path arrived) {
        return Stages.take(
                arrived, parcel.files(), Stages.of(stages, parcel.tree().toString()), CallWatch.NONE);
    }

    /**
     * What is the member's doing. That its file is another than the generation's only shows when rsync itself found the
     * transfer right: else bytes may have been lost on the way, or a basis was not what it was taken for.
     */
    private static List<Rejection> rejections(
            NodeName member, Parcel parcel, List<ManifestEntry> missing, Path arrived, RsyncOutcome outcome)
            throws IOException {
        if (outcome.reason().isPeersDoing()) {
            var path = parcel.files().get(0).path();
            return List.of(new Rejection.Unasked(member, path, outcome.reason().description()));
        }
        var rejections = new ArrayList<Rejection>();
        for (int i = 0; outcome.isComplete() && i < missing.size() && rejections.size() < MOST_REJECTIONS; i++) {
            var entry = missing.get(i);
            var expected = entry.digest().orElseThrow();
            var actual =
                    new StagedFiles(arrived).digest(entry.path().withoutFirst().orElseThrow());
            actual.filter(digest -> !digest.equals(expected))
                    .ifPresent(
                            digest -> rejections.add(new Rejection.WrongBytes(member, entry.path(), expected, digest)));
        }
        return rejections;
    }

    private PeerAddress address(NodeName member) {
        var address = addresses.get(member);
        if (address == null) {
            throw new IllegalArgumentException(member + " is not a member");
        }
        return address;
    }
}
