package io.lockstep.digest;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A Merkle trie over (key, value) pairs of digests: the key is the digest of a path, the value the digest of the
 * canonical entry there. Two tries have the same {@link #root()} exactly when they hold the same pairs, and two peers
 * find the pairs that differ by comparing nodes from the root down.
 *
 * <p>A node stands for the keys that start with its prefix of half-bytes. A node with at most {@value #BUCKET} keys is
 * a leaf: its digest covers its sorted pairs. A larger node's digest covers its sixteen children's. Keys are
 * digests, so the trie is balanced whatever the paths are: a directory of 50,000 names costs no more than others.
 *
 * <p>Immutable and safe for any thread. Costs 64 bytes a pair and computes inner digests when it is made.
 */
public final class HashTrie {
    /** Children of an inner node: one for each value of a half-byte. */
    public static final int FAN_OUT = 16;

    /** The most keys a leaf may have. */
    public static final int BUCKET = 16;

    private static final int PAIR = 2 * Digest.BYTES;
    private static final byte LEAF = 0;
    private static final byte INNER = 1;

    private final byte[] pairs;
    private final int size;
    private final Node root;

    private HashTrie(byte[] pairs, int size) {
        this.pairs = pairs;
        this.size = size;
        this.root = build(0, size, 0);
    }

    /** One key with its value. */
    public record Pair(Digest key, Digest value) {}

    /**
     * A node as a peer shows it.
     *
     * @param prefix half-bytes as hexadecimal digits, 0 to 63 of them; empty is the root
     * @param digest the node's digest
     * @param size how many keys lie below
     * @param children sixteen digests in order for an inner node (an empty child is the digest of an empty leaf);
     *     empty for a leaf
     * @param pairs the sorted pairs of a leaf; empty for an inner node
     */
    public record NodeView(String prefix, Digest digest, int size, List<Digest> children, List<Pair> pairs) {
        public NodeView {
            children = List.copyOf(children);
            pairs = List.copyOf(pairs);
        }

        public boolean isLeaf() {
            return children.isEmpty();
        }
    }

    /** An inner node has sixteen children, a leaf none. */
    private record Node(Digest digest, int from, int to, List<Node> children) {}

    /**
     * The trie of these pairs, in any order.
     *
     * @throws IllegalArgumentException when a key is there twice
     */
    public static HashTrie of(List<Pair> unsorted) {
        var sorted = new ArrayList<>(unsorted);
        sorted.sort((a, b) -> a.key().compareTo(b.key()));
        var bytes = new byte[Math.multiplyExact(sorted.size(), PAIR)];
        var buffer = ByteBuffer.wrap(bytes);
        for (int i = 0; i < sorted.size(); i++) {
            var pair = sorted.get(i);
            if (i > 0 && pair.key().equals(sorted.get(i - 1).key())) {
                throw new IllegalArgumentException("a key is there twice: " + pair.key());
            }
            buffer.put(pair.key().bytes()).put(pair.value().bytes());
        }
        return new HashTrie(bytes, sorted.size());
    }

    /** The digest of the whole. */
    public Digest root() {
        return root.digest();
    }

    /** How many pairs there are. */
    public int size() {
        return size;
    }

    /**
     * The node with this prefix; where the trie is not so deep, the leaf above it narrowed to the prefix's pairs.
     *
     * @param prefix 0 to 63 hexadecimal digits
     * @throws IllegalArgumentException when it is no such prefix
     */
    public NodeView node(String prefix) {
        if (prefix.length() > 2 * Digest.BYTES - 1) {
            throw new IllegalArgumentException("a prefix has at most 63 digits: " + prefix.length());
        }
        prefix.chars().forEach(HexFormat::fromHexDigit);
        var at = root;
        for (int depth = 0; depth < prefix.length(); depth++) {
            int digit = HexFormat.fromHexDigit(prefix.charAt(depth));
            if (at.children().isEmpty()) {
                return narrowed(at, prefix);
            }
            at = at.children().get(digit);
        }
        return view(at, prefix);
    }

    private NodeView narrowed(Node leaf, String prefix) {
        int from = leaf.from();
        while (from < leaf.to() && !startsWith(from, prefix)) {
            from++;
        }
        int to = from;
        while (to < leaf.to() && startsWith(to, prefix)) {
            to++;
        }
        return view(new Node(leafDigest(from, to), from, to, List.of()), prefix);
    }

    private boolean startsWith(int index, String prefix) {
        var key = key(index);
        for (int i = 0; i < prefix.length(); i++) {
            if (key.nibbleAt(i) != HexFormat.fromHexDigit(prefix.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private NodeView view(Node node, String prefix) {
        if (!node.children().isEmpty()) {
            var digests = node.children().stream().map(Node::digest).toList();
            return new NodeView(prefix, node.digest(), node.to() - node.from(), digests, List.of());
        }
        var found = new ArrayList<Pair>(node.to() - node.from());
        for (int i = node.from(); i < node.to(); i++) {
            found.add(new Pair(key(i), value(i)));
        }
        return new NodeView(prefix, node.digest(), found.size(), List.of(), found);
    }

    /** All pairs whose keys start with {@code prefix}, in order. */
    public List<Pair> pairsBelow(String prefix) {
        var found = new ArrayList<Pair>();
        collect(node(prefix), found);
        return found;
    }

    private void collect(NodeView node, List<Pair> into) {
        into.addAll(node.pairs());
        for (int digit = 0; digit < node.children().size(); digit++) {
            collect(node(node.prefix() + Character.forDigit(digit, 16)), into);
        }
    }

    private Node build(int from, int to, int depth) {
        if (to - from <= BUCKET) {
            return new Node(leafDigest(from, to), from, to, List.of());
        }
        var children = new ArrayList<Node>(FAN_OUT);
        var sha256 = Digest.newSha256();
        sha256.update(INNER);
        int start = from;
        for (int digit = 0; digit < FAN_OUT; digit++) {
            int end = start;
            while (end < to && nibble(end, depth) == digit) {
                end++;
            }
            var child = build(start, end, depth + 1);
            child.digest().updateInto(sha256);
            children.add(child);
            start = end;
        }
        return new Node(Digest.finish(sha256), from, to, List.copyOf(children));
    }

    private int nibble(int index, int depth) {
        int value = pairs[index * PAIR + (depth >> 1)];
        return (depth & 1) == 0 ? (value >> 4) & 0xf : value & 0xf;
    }

    private Digest leafDigest(int from, int to) {
        var sha256 = Digest.newSha256();
        sha256.update(LEAF);
        sha256.update(pairs, from * PAIR, (to - from) * PAIR);
        return Digest.finish(sha256);
    }

    private Digest key(int index) {
        return Digest.ofBytes(Arrays.copyOfRange(pairs, index * PAIR, index * PAIR + Digest.BYTES));
    }

    private Digest value(int index) {
        return Digest.ofBytes(Arrays.copyOfRange(pairs, index * PAIR + Digest.BYTES, (index + 1) * PAIR));
    }
}
