import ByteKit

/// The LZF compression that snapshots use: runs of literals and references to what stands before.
///
///     000nnnnn                        n + 1 literal bytes follow (1…32)
///     lllooooo oooooooo               copy l + 2 bytes (l 1…6), distance o + 1 (1…8192)
///     111ooooo llllllll oooooooo      copy l + 9 bytes (9…264)
public enum LZF {
  /// Three bytes of input give at most 264 of output.
  public static let expansionMax = 88
  /// Bytes that the output buffer must have behind its end, for wide stores.
  public static let slackByteCount = 64

  /// Unpacks a blob that unpacks to `expected` bytes.
  ///
  /// - Parameter target: room for `expected` bytes and `slackByteCount` of scratch behind them.
  /// - Throws: a `CodecError` whose offset counts from the start of `packed`.
  public static func unpack(
    _ packed: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, expected: Int
  ) throws(CodecError) {
    guard let source = packed.baseAddress, packed.count > 0, expected > 0 else {
      throw CodecError(.lzf, at: 0, "an empty compressed string; the server writes none")
    }
    var next = source
    let end = source + packed.count
    var out = target
    let outEnd = target + expected
    while next < end {
      let control = Int(next.load(as: UInt8.self))
      next += 1
      if control < 32 {
        let count = control &+ 1
        guard count <= end - next else {
          throw cut(next - source, "a literal run of \(count) bytes", end - next)
        }
        guard count <= outEnd - out else { throw overlong(next - source, expected) }
        if end - next >= 32 {
          // One or two wide copies: both buffers have the room.
          out.storeBytes(of: next.loadUnaligned(as: Wide.self), as: Wide.self)
          if count > 16 {
            (out + 16).storeBytes(of: (next + 16).loadUnaligned(as: Wide.self), as: Wide.self)
          }
        } else {
          out.copyMemory(from: next, byteCount: count)
        }
        next += count
        out += count
        continue
      }
      var length = control >> 5
      guard end - next >= (length == 7 ? 2 : 1) else {
        throw cut(next - source, "a back reference", end - next)
      }
      if length == 7 {
        length &+= Int(next.load(as: UInt8.self))
        next += 1
      }
      length &+= 2
      let distance = (control & 31) << 8 | Int(next.load(as: UInt8.self))
      next += 1
      guard distance < out - target else {
        throw CodecError(
          .lzf, at: next - source - 2,
          "a reference \(distance + 1) bytes back, but only \(out - target) bytes stand there")
      }
      guard length <= outEnd - out else { throw overlong(next - source, expected) }
      copyBack(out, distance &+ 1, length)
      out += length
    }
    guard out == outEnd, next == end else {
      throw CodecError(
        .lzf, at: next - source,
        "unpacks to \(out - target) bytes with \(end - next) bytes of input left; the header "
          + "says \(expected)"
      )
    }
  }

  @usableFromInline typealias Wide = SIMD16<UInt8>

  /// Copies `length` bytes from `distance` bytes back; the two may overlap. Writes up to 16 bytes
  /// more than asked.
  @inline(__always)
  private static func copyBack(_ out: UnsafeMutableRawPointer, _ distance: Int, _ length: Int) {
    let from = UnsafeRawPointer(out) - distance
    if distance >= 16 {
      var done = 0
      repeat {
        (out + done).storeBytes(of: (from + done).loadUnaligned(as: Wide.self), as: Wide.self)
        done &+= 16
      } while done < length
    } else if distance >= 8 {
      var done = 0
      repeat {
        (out + done).storeBytes(
          of: (from + done).loadUnaligned(as: UInt64.self), as: UInt64.self)
        done &+= 8
      } while done < length
    } else if distance == 1 {
      memset(out, Int32(from.load(as: UInt8.self)), length)
    } else {
      for index in 0..<length {
        (out + index).storeBytes(of: (from + index).load(as: UInt8.self), as: UInt8.self)
      }
    }
  }

  /// Room that `unpackFront` needs: the longest copy begins one byte before the end.
  public static func frontByteCountMax(wanted: Int) -> Int { wanted + 264 }

  /// Unpacks the front of a blob, up to 264 bytes past `wanted`; says how many of those wanted
  /// there are. Damage shows only as fewer bytes.
  public static func unpackFront(
    _ packed: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, wanted: Int
  ) -> Int {
    var next = 0
    var out = 0
    while out < wanted, next < packed.count {
      let control = Int(packed[next])
      next += 1
      if control < 32 {
        let count = min(control + 1, packed.count - next)
        for index in 0..<count {
          (target + out + index).storeBytes(of: packed[next + index], as: UInt8.self)
        }
        next += count
        out += count
        continue
      }
      var length = control >> 5
      guard next + (length == 7 ? 1 : 0) < packed.count else { break }
      if length == 7 {
        length += Int(packed[next])
        next += 1
      }
      let distance = (control & 31) << 8 | Int(packed[next])
      next += 1
      guard distance < out else { break }
      for _ in 0..<(length + 2) {
        let byte = target.load(fromByteOffset: out - distance - 1, as: UInt8.self)
        target.storeBytes(of: byte, toByteOffset: out, as: UInt8.self)
        out += 1
      }
    }
    return min(out, wanted)
  }

  @inline(never)
  private static func cut(_ offset: Int, _ what: String, _ left: Int) -> CodecError {
    CodecError(.lzf, at: offset, "\(what) begins, but only \(left) bytes of input are left")
  }

  @inline(never)
  private static func overlong(_ offset: Int, _ expected: Int) -> CodecError {
    CodecError(.lzf, at: offset, "unpacks to more than the \(expected) bytes that the header says")
  }
}
