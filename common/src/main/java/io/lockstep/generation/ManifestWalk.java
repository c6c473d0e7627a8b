package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.digest.HashTrie;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Turns a manifest that a node has into another node's, by asking only for the nodes of the hash trie that differ.
 *
 * <p>Ask the peer for {@link #questions()} until there are none; give each answer to {@link #accept}; then
 * {@link #result()} is the peer's manifest, proven by its root digest. Ten differing paths of 100,000 take five
 * questions of together about 45 KiB. Not safe for several threads.
 */
public final class ManifestWalk {
    /** The most trie nodes asked for in one question. */
    public static final int MAX_QUESTIONS = 256;

    /**
     * The deepest node that a walk asks for, so that a peer that shows inner nodes for ever ends it. Keys are digests:
     * among the two million entries of the largest manifest, seventeen with twelve equal half-bytes don't occur.
     */
    public static final int MAX_DEPTH = 12;

    /** The most trie nodes asked for in one walk: enough for the largest manifest from nothing. */
    public static final int MAX_TOTAL_QUESTIONS = 2 * ManifestCodec.MAX_ENTRIES;

    private final Manifest local;
    private final Digest wanted;
    private final TreeMap<EntryPath, ManifestEntry> merged = new TreeMap<>();
    private List<String> open = new ArrayList<>(List.of(""));
    private int asked;

    /**
     * @param local the manifest to start from; any, the nearer the cheaper
     * @param wanted the root digest of the peer's manifest
     */
    public ManifestWalk(Manifest local, Digest wanted) {
        this.local = local;
        this.wanted = wanted;
        if (local.root().equals(wanted)) {
            open.clear();
        }
        local.entries().forEach(entry -> merged.put(entry.path(), entry));
    }

    /**
     * A trie node as a peer answers it.
     *
     * @param prefix half-bytes as hexadecimal digits
     * @param children sixteen digests for an inner node; empty for a leaf
     * @param entries the canonical bytes of the entries of a leaf; empty for an inner node
     */
    public record Answer(String prefix, List<Digest> children, List<byte[]> entries) {
        public Answer {
            children = List.copyOf(children);
            entries = List.copyOf(entries);
        }
    }

    /** What the holder of {@code manifest} answers to the question {@code prefix}. */
    public static Answer answer(Manifest manifest, String prefix) {
        var node = manifest.trie().node(prefix);
        var entries = node.pairs().stream()
                .map(pair -> manifest.findByKey(pair.key()).orElseThrow().canonicalBytes())
                .toList();
        return new Answer(prefix, node.children(), entries);
    }

    /**
     * The trie nodes to ask for next, at most {@value #MAX_QUESTIONS}; none when the walk is over. The deepest come
     * first, so that few are ever open.
     */
    public List<String> questions() {
        return List.copyOf(open.subList(Math.max(0, open.size() - MAX_QUESTIONS), open.size()));
    }

    /**
     * Takes the answers to {@link #questions()}, in their order.
     *
     * @throws MalformedManifestException when an answer is not to its question, holds what its prefix excludes, is too
     *     deep, or is past {@value #MAX_TOTAL_QUESTIONS} questions
     */
    public void accept(List<Answer> answers) throws MalformedManifestException {
        var questions = questions();
        if (!questions.equals(answers.stream().map(Answer::prefix).toList())) {
            throw new MalformedManifestException("the answers are not to the questions");
        }
        asked += questions.size();
        if (asked > MAX_TOTAL_QUESTIONS) {
            throw new MalformedManifestException("it takes more than " + MAX_TOTAL_QUESTIONS + " questions");
        }
        var next = new ArrayList<>(open.subList(0, open.size() - questions.size()));
        for (var answer : answers) {
            if (answer.children().isEmpty()) {
                acceptLeaf(answer);
            } else {
                next.addAll(differingChildren(answer));
            }
        }
        open = next;
    }

    private List<String> differingChildren(Answer answer) throws MalformedManifestException {
        if (answer.children().size() != HashTrie.FAN_OUT || !answer.entries().isEmpty()) {
            throw new MalformedManifestException("a trie node has sixteen children or none");
        }
        if (answer.prefix().length() >= MAX_DEPTH) {
            throw new MalformedManifestException("a trie is not so deep");
        }
        var differing = new ArrayList<String>();
        for (int digit = 0; digit < HashTrie.FAN_OUT; digit++) {
            var prefix = answer.prefix() + Character.forDigit(digit, 16);
            if (!local.trie().node(prefix).digest().equals(answer.children().get(digit))) {
                differing.add(prefix);
            }
        }
        return differing;
    }

    private void acceptLeaf(Answer answer) throws MalformedManifestException {
        if (answer.entries().size() > HashTrie.BUCKET) {
            throw new MalformedManifestException(
                    "a leaf has " + answer.entries().size() + " entries");
        }
        for (var pair : local.trie().pairsBelow(answer.prefix())) {
            merged.remove(local.findByKey(pair.key()).orElseThrow().path());
        }
        for (var bytes : answer.entries()) {
            var entry = ManifestCodec.decodeEntry(bytes);
            if (!entry.key().toString().startsWith(answer.prefix())) {
                throw new MalformedManifestException("an entry is not below its prefix: " + entry.path());
            }
            merged.put(entry.path(), entry);
        }
    }

    /**
     * The peer's manifest.
     *
     * @throws MalformedManifestException when the answers together don't have the wanted root digest
     */
    public Manifest result() throws MalformedManifestException {
        if (!open.isEmpty()) {
            throw new IllegalStateException("the walk is not over: " + open.size() + " questions are open");
        }
        try {
            var manifest = Manifest.like(local, new ArrayList<>(merged.values()));
            if (!manifest.root().equals(wanted)) {
                throw new MalformedManifestException("its root is " + manifest.root() + ", not " + wanted);
            }
            return manifest;
        } catch (IllegalArgumentException e) {
            throw new MalformedManifestException(String.valueOf(e.getMessage()), e);
        }
    }
}
