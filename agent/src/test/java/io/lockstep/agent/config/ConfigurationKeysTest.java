package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The classes, the template, the shipped file and the page of documentation name the same keys. */
class ConfigurationKeysTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> TEMPLATE = new ConfigurationTemplate(ConfigurationMapper.values()).keys();

    @Test
    void templateHasEveryComponentOfTheRecords() {
        assertThat(TEMPLATE)
                .containsExactlyElementsOf(keys("", AgentConfiguration.class).toList());
    }

    @Test
    void shippedFileLoads() throws Exception {
        var shipped = ConfigurationFile.load(ROOT.resolve("conf/lockstep.yml"));

        assertThat(shipped.isManager()).isTrue();
    }

    @Test
    void shippedFileShowsTheDefaults() throws Exception {
        var shipped = ConfigurationFile.load(ROOT.resolve("conf/lockstep.yml"));
        var minimal = Sample.load(Sample.MINIMAL);

        assertThat(shipped.ops()).isEqualTo(minimal.ops());
        assertThat(shipped.scan()).isEqualTo(minimal.scan());
        assertThat(shipped.timing()).isEqualTo(minimal.timing());
        assertThat(shipped.guard()).isEqualTo(minimal.guard());
        assertThat(shipped.rsync()).isEqualTo(minimal.rsync());
        assertThat(shipped.trash()).isEqualTo(minimal.trash());
        assertThat(shipped.store()).isEqualTo(minimal.store());
        assertThat(shipped.logging()).isEqualTo(minimal.logging());
        assertThat(shipped.node().state()).isEqualTo(minimal.node().state());
        assertThat(shipped.control().port()).isEqualTo(minimal.control().port());
        assertThat(shipped.trees().get(0).filter().exclude())
                .isEqualTo(minimal.trees().get(0).filter().exclude());
    }

    @Test
    void shippedFileGivesEveryKey() throws IOException {
        var tree = ConfigurationMapper.yaml()
                .readTree(ROOT.resolve("conf/lockstep.yml").toFile());

        assertThat(TEMPLATE)
                .allSatisfy(key -> assertThat(
                                tree.at("/" + key.replace("[]", "/0").replace('.', '/'))
                                        .isMissingNode())
                        .isFalse());
    }

    @Test
    void documentationHasARowForEveryKeyAndForNoOther() throws IOException {
        var rows = Files.readAllLines(ROOT.resolve("docs/configuration.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();

        assertThat(rows).containsExactlyElementsOf(TEMPLATE);
    }

    private static Stream<String> keys(String prefix, Class<?> record) {
        return Arrays.stream(record.getRecordComponents()).flatMap(component -> keys(prefix, component));
    }

    private static Stream<String> keys(String prefix, RecordComponent component) {
        var key = prefix + component.getName();
        if (component.getType().isRecord()) {
            return keys(key + ".", component.getType());
        }
        if (component.getGenericType() instanceof ParameterizedType list
                && list.getActualTypeArguments()[0] instanceof Class<?> element
                && element.isRecord()) {
            return keys(key + "[].", element);
        }
        return Stream.of(key);
    }
}
