package io.lockstep.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashTrieTest {
    @Test
    void theSamePairsInAnyOrderGiveTheSameRoot() {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var pairs = pairs(random, random.nextInt(400));
            var root = HashTrie.of(pairs).root();
            Collections.shuffle(pairs, random);

            assertThat(HashTrie.of(pairs).root()).as("seed %d", seed).isEqualTo(root);
        }
    }

    @Test
    void anyOtherPairGivesAnotherRoot() {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var pairs = pairs(random, 1 + random.nextInt(400));
            var root = HashTrie.of(pairs).root();
            int at = random.nextInt(pairs.size());
            var less = new ArrayList<>(pairs);
            less.remove(at);
            var changed = new ArrayList<>(pairs);
            changed.set(at, new HashTrie.Pair(pairs.get(at).key(), digest(random.nextLong())));
            var more = new ArrayList<>(pairs);
            more.add(new HashTrie.Pair(digest(random.nextLong()), digest(1)));

            assertThat(List.of(
                            HashTrie.of(less).root(),
                            HashTrie.of(changed).root(),
                            HashTrie.of(more).root()))
                    .as("seed %d", seed)
                    .doesNotContain(root)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void everyPrefixShowsExactlyItsPairs() {
        var random = new Random(5);
        var pairs = pairs(random, 2_000);
        var trie = HashTrie.of(pairs);
        var sorted = new TreeMap<String, HashTrie.Pair>();
        pairs.forEach(pair -> sorted.put(pair.key().toString(), pair));

        for (int round = 0; round < 500; round++) {
            var key = pairs.get(random.nextInt(pairs.size())).key().toString();
            var prefix = key.substring(0, random.nextInt(8));
            var expected = List.copyOf(sorted.subMap(prefix, prefix + "g").values());

            assertThat(trie.pairsBelow(prefix)).as(prefix).isEqualTo(expected);
            assertThat(trie.node(prefix).size()).isEqualTo(expected.size());
            // A part of a trie has the digest that the same pairs have as a narrowed leaf elsewhere.
            assertThat(trie.node(prefix).isLeaf()).isEqualTo(expected.size() <= HashTrie.BUCKET);
            assertThat(trie.node(prefix).digest())
                    .isEqualTo(
                            expected.size() <= HashTrie.BUCKET
                                    ? HashTrie.of(expected).root()
                                    : trie.node(prefix).digest());
        }
    }

    @Test
    void anInnerNodeShowsItsSixteenChildren() {
        var trie = HashTrie.of(pairs(new Random(6), 3_000));
        var root = trie.node("");

        assertThat(root.children()).hasSize(HashTrie.FAN_OUT);
        assertThat(root.digest()).isEqualTo(trie.root());
        assertThat(trie.size()).isEqualTo(3_000);
        for (int digit = 0; digit < 16; digit++) {
            assertThat(trie.node(Integer.toHexString(digit)).digest())
                    .isEqualTo(root.children().get(digit));
        }
    }

    @Test
    void aLeafHoldsUpToSixteenPairs() {
        assertThat(HashTrie.of(pairs(new Random(1), 16)).node("").isLeaf()).isTrue();
        assertThat(HashTrie.of(pairs(new Random(1), 17)).node("").isLeaf()).isFalse();
        assertThat(HashTrie.of(List.of()).node("").pairs()).isEmpty();
    }

    @Test
    void keysThatShareLongPrefixesOnlyMakeItDeeper() {
        // Seventeen keys that differ in their last byte only: the longest path that a trie can have.
        var pairs = new ArrayList<HashTrie.Pair>();
        for (int i = 0; i < 17; i++) {
            var raw = new byte[Digest.BYTES];
            raw[31] = (byte) i;
            pairs.add(new HashTrie.Pair(Digest.ofBytes(raw), digest(i)));
        }
        var trie = HashTrie.of(pairs);

        assertThat(trie.node("0".repeat(62)).children()).hasSize(16);
        assertThat(trie.node("0".repeat(63)).pairs()).hasSize(16);
        assertThat(trie.pairsBelow("")).hasSize(17);
    }

    @Test
    void refusesAKeyThatIsThereTwice() {
        var pair = new HashTrie.Pair(digest(1), digest(2));

        assertThatIllegalArgumentException().isThrownBy(() -> HashTrie.of(List.of(pair, pair)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"g", "0g", "\n", "0\u0661", "-1"})
    void refusesAPrefixThatIsNotHexadecimalWhereverTheTrieEnds(String prefix) {
        for (int size : new int[] {0, 5, 1_000}) {
            var trie = HashTrie.of(pairs(new Random(2), size));

            assertThatIllegalArgumentException().as("%d pairs", size).isThrownBy(() -> trie.node(prefix + "0"));
        }
    }

    @Test
    void refusesAPrefixOfAWholeKey() {
        var trie = HashTrie.of(List.of());

        assertThat(trie.node("0".repeat(63)).size()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> trie.node("0".repeat(64)));
    }

    private static List<HashTrie.Pair> pairs(Random random, int count) {
        var pairs = new ArrayList<HashTrie.Pair>();
        for (int i = 0; i < count; i++) {
            pairs.add(new HashTrie.Pair(digest(random.nextLong()), digest(random.nextLong())));
        }
        return pairs;
    }

    private static Digest digest(long seed) {
        return Digest.of(ByteBuffer.allocate(8).putLong(seed).array());
    }
}
