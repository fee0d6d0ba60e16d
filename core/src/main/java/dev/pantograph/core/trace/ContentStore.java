package dev.pantograph.core.trace;

import dev.pantograph.core.trace.TraceLine.Content;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** A file of bytes, each sequence of which is in it once: what one kernel writes and the next reads is the same. */
final class ContentStore implements AutoCloseable {
  /** Elements of every type are aligned when the file is mapped. */
  private static final long ALIGNMENT = 64;
  /** What a byte buffer shows at once. */
  private static final long PIECE = 1L << 30;
  private static final int DIGEST_BYTES = 16;

  private final FileChannel channel;
  private final Map<String, Content> known = new HashMap<>();
  private long end;

  ContentStore(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Digest of some bytes, by which they are known. */
  static String digest(MemorySegment bytes) {
    MessageDigest sha;
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
    for (long at = 0; at < bytes.byteSize(); at += PIECE) {
      sha.update(piece(bytes, at));
    }
    return HexFormat.of().formatHex(sha.digest(), 0, DIGEST_BYTES);
  }

  private static ByteBuffer piece(MemorySegment bytes, long at) {
    return bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at)).asByteBuffer();
  }

  /** Keeps bytes, unless they are kept already. */
  Content keep(MemorySegment bytes, String digest) throws IOException {
    Content content = known.get(digest);
    if (content == null) {
      content = new Content(bytes.byteSize(), Math.ceilDiv(end, ALIGNMENT) * ALIGNMENT);
      end = content.at();
      for (long at = 0; at < bytes.byteSize(); at += PIECE) {
        ByteBuffer piece = piece(bytes, at);
        while (piece.hasRemaining()) {
          end += channel.write(piece, end);
        }
      }
      known.put(digest, content);
    }
    return content;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
