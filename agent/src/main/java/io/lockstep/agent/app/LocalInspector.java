package io.lockstep.agent.app;

import io.lockstep.agent.gateway.ApiFacts;
import io.lockstep.agent.gateway.ApiReader;
import io.lockstep.agent.gateway.ArtifactNames;
import io.lockstep.agent.gateway.BoundedCache;
import io.lockstep.agent.gateway.ContentCheck;
import io.lockstep.agent.gateway.FileFormat;
import io.lockstep.agent.gateway.Survey;
import io.lockstep.agent.gateway.Verdict;
import io.lockstep.agent.loop.Inspection;
import io.lockstep.agent.loop.Inspector;
import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.agent.posix.Writers;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into content in the stages and the replicas. What is looked into has the digest that the manifest says: the
 * file is digested first, so that a verdict never belongs to other bytes. Verdicts and facts are kept by digest, within
 * a limit, for content that is looked at again.
 */
final class LocalInspector implements Inspector {
    private static final Logger LOG = LoggerFactory.getLogger(LocalInspector.class);
    private static final int MAX_VERDICTS = 16_384;

    private final Map<String, ContentStage> stages;
    private final Map<String, Path> replicas;
    private final BoundedCache<Judged, Verdict> verdicts = new BoundedCache<>(MAX_VERDICTS);
    private final BoundedCache<Digest, Optional<ApiFacts>> facts = new BoundedCache<>(Survey.MAX_APIS);
    private boolean isLeaseRefused;

    private record Judged(Digest digest, FileFormat kind) {}

    /** What is done with content that could be opened. */
    private interface Look<T> {
        T into(HandleContent content) throws IOException;
    }

    /** @param replicas the roots of the replicas, by the tree's name */
    LocalInspector(Map<String, ContentStage> stages, Map<String, Path> replicas) {
        this.stages = stages;
        this.replicas = new TreeMap<>(replicas);
    }

    @Override
    public Optional<String> artifactOf(EntryPath path) {
        return ArtifactNames.artifactOf(path);
    }

    @Override
    public Inspection inspect(Manifest reference, Manifest next, Origin origin) {
        var refused = new HashMap<EntryPath, Refusal>();
        Optional<String> problem = Optional.empty();
        for (var file : ManifestDiff.contentMissingFrom(reference, next)) {
            try {
                if (verdict(file) instanceof Verdict.Invalid invalid) {
                    refused.put(file.path(), refusal(file, invalid.why(), invalid.detail()));
                }
            } catch (IOException e) {
                problem = problem.or(() -> Optional.of(file.path() + " can't be looked into: " + e.getMessage()));
            }
        }
        if (origin == Origin.REPLICA) {
            addWritten(reference, next, refused);
        }
        var survey = Survey.of(reference, next, this::facts);
        survey.refused().forEach(refused::putIfAbsent);
        return new Inspection(refused, survey.concerns(), problem);
    }

    private static Refusal refusal(ManifestEntry file, HeldBack.Why why, String detail) {
        return new Refusal(file.digest().orElseThrow(), why, detail);
    }

    private Verdict verdict(ManifestEntry file) throws IOException {
        var kind = FileFormat.of(file.path());
        var key = new Judged(file.digest().orElseThrow(), kind);
        var known = verdicts.get(key);
        if (known.isPresent()) {
            return known.get();
        }
        // Of a kind of which nothing is known no byte is read.
        var verdict = kind == FileFormat.OTHER
                ? new Verdict.NotChecked("nothing is known of this kind of file")
                : look(file, content -> ContentCheck.check(kind, content));
        verdicts.put(key, verdict);
        return verdict;
    }

    /** Empty also when the file can't be read now: a survey tells what is sure. */
    private Optional<ApiFacts> facts(ManifestEntry file) {
        var digest = file.digest().orElseThrow();
        var known = facts.get(digest);
        if (known.isPresent()) {
            return known.get();
        }
        try {
            var read = look(file, ApiReader::read);
            facts.put(digest, read);
            return read;
        } catch (IOException e) {
            LOG.debug("facts of {} are not known: {}", file.path(), e.getMessage());
            return Optional.empty();
        }
    }

    private <T> T look(ManifestEntry file, Look<T> look) throws IOException {
        var tree = file.path().first().toString();
        var staged = Stages.of(stages, tree).open(file.digest().orElseThrow());
        if (staged instanceof Attempt.Done<FileHandle> done) {
            return look(done.value(), file, look);
        }
        var opened = openInReplica(file.path());
        if (opened instanceof Attempt.Done<FileHandle> done) {
            return look(done.value(), file, look);
        }
        throw new IOException("open: " + ((Attempt.Failed<FileHandle>) opened).errno());
    }

    private static <T> T look(FileHandle handle, ManifestEntry file, Look<T> look) throws IOException {
        try (var content = content(handle)) {
            if (!content.digest().equals(file.digest().orElseThrow())) {
                throw new IOException("it has changed meanwhile");
            }
            return look.into(content);
        }
    }

    private static HandleContent content(FileHandle handle) throws IOException {
        try (var stat = new StatBuffer()) {
            if (handle.stat(stat) == 0 && stat.type() == EntryType.FILE) {
                return new HandleContent(handle, stat.sizeBytes());
            }
        }
        handle.close();
        throw new IOException("it is no file any more");
    }

    private Attempt<FileHandle> openInReplica(EntryPath path) {
        var root = replicas.get(path.first().toString());
        var below = path.withoutFirst();
        if (root == null || below.isEmpty()) {
            throw new IllegalArgumentException("not a file of a tree: " + path);
        }
        var opened = DirectoryHandle.open(root);
        if (!(opened instanceof Attempt.Done<DirectoryHandle> done)) {
            return new Attempt.Failed<>(((Attempt.Failed<DirectoryHandle>) opened).errno());
        }
        try (var directory = done.value()) {
            var parent = below.get().parent();
            if (parent.isEmpty()) {
                return directory.openFile(below.get().name());
            }
            var inner = directory.openDirectory(parent.get());
            if (!(inner instanceof Attempt.Done<DirectoryHandle> innerDone)) {
                return new Attempt.Failed<>(((Attempt.Failed<DirectoryHandle>) inner).errno());
            }
            try (var above = innerDone.value()) {
                return above.openFile(below.get().name());
            }
        }
    }

    /** Files of the replica that somebody has open for writing; where that can't be asked, two looks must do. */
    private void addWritten(Manifest reference, Manifest next, Map<EntryPath, Refusal> refused) {
        for (var difference : ManifestDiff.between(reference, next).differences()) {
            difference.actual().filter(ManifestEntry::isFile).ifPresent(file -> {
                if (openInReplica(file.path()) instanceof Attempt.Done<FileHandle> done) {
                    try (var handle = done.value()) {
                        var writers = handle.writers();
                        if (writers instanceof Writers.Some) {
                            refused.putIfAbsent(file.path(), refusal(file, HeldBack.Why.BEING_WRITTEN, ""));
                        }
                        tellLease(writers, file.path());
                    }
                }
            });
        }
    }

    private void tellLease(Writers writers, EntryPath path) {
        if (writers instanceof Writers.NotAskable not && !isLeaseRefused) {
            isLeaseRefused = true;
            LOG.info(
                    "no lease can be had errno={} path={}: whether a file is still written is told by two looks alone",
                    not.errno(),
                    path);
        }
    }
}
