using System.Text;
using System.Text.Json;
using TaaS.Kernels;

namespace TaaS.Engine.Formats;

/// <summary>The JSON header of a safetensors file. <b>Source</b>: huggingface/safetensors, README "Format", and its validation rules.</summary>
internal sealed record SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Longest header a reader accepts, in bytes.</summary>
    public const long LongestHeader = 100_000_000;

    private const string MetadataKey = "__metadata__";

    /// <summary>The header as bytes, padded with spaces so that the data starts on a multiple of 8.</summary>
    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (Metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in Metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            foreach (var entry in Entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.DType == DType.Float32 ? "F32" : "I32");
                json.WriteStartArray("shape");
                foreach (var length in entry.Shape.ToArray())
                {
                    json.WriteNumberValue(length);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(entry.Begin);
                json.WriteNumberValue(entry.End);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    /// <summary>Reads and checks a header; the data must fill the rest of the file without holes.</summary>
    public static SafeTensorsHeader Parse(string path, ReadOnlySpan<byte> bytes, long dataLength)
    {
        var entries = new List<SafeTensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray(), new JsonDocumentOptions { MaxDepth = 4 });
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                {
                    throw Corrupt(path, $"the name '{property.Name}' stands twice");
                }

                if (property.Name == MetadataKey)
                {
                    foreach (var item in property.Value.EnumerateObject())
                    {
                        metadata[item.Name] = item.Value.GetString() ?? "";
                    }
                }
                else
                {
                    entries.Add(SafeTensorsEntry.Parse(path, property.Name, property.Value));
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or System.FormatException or DecoderFallbackException)
        {
            throw new SafeTensorsException($"{path} is no safetensors file: its header is not as the format says ({error.Message})", error);
        }

        entries.Sort(static (a, b) => a.Begin.CompareTo(b.Begin));
        long at = 0;
        foreach (var entry in entries)
        {
            if (entry.Begin != at)
            {
                throw Corrupt(path, $"'{entry.Name}' begins at {entry.Begin}, expected {at}: holes and overlaps are not allowed");
            }

            at = entry.End;
        }

        return at == dataLength
            ? new SafeTensorsHeader(entries, metadata)
            : throw Corrupt(path, $"the tensors need {at} bytes of data, the file has {dataLength}");
    }

    public static SafeTensorsException Corrupt(string path, string what) =>
        new($"{path} is truncated or corrupt: {what}; use another checkpoint");
}

/// <summary>One tensor of the header: where its bytes lie in the data.</summary>
internal sealed record SafeTensorsEntry(string Name, DType DType, Shape Shape, long Begin, long End)
{
    public static SafeTensorsEntry Parse(string path, string name, JsonElement json)
    {
        var dtype = json.GetProperty("dtype").GetString() switch
        {
            "F32" => DType.Float32,
            "I32" => DType.Int32,
            var other => throw new SafeTensorsException($"{path}: '{name}' has type {other}; F32 and I32 are supported, convert it first"),
        };
        var shape = json.GetProperty("shape");
        var offsets = json.GetProperty("data_offsets");
        if (shape.GetArrayLength() > Shape.MaxRank || offsets.GetArrayLength() != 2)
        {
            throw SafeTensorsHeader.Corrupt(path, $"'{name}' has {shape.GetArrayLength()} axes (at most {Shape.MaxRank}) and {offsets.GetArrayLength()} offsets (expected 2)");
        }

        var lengths = new int[shape.GetArrayLength()];
        Int128 elements = 1;
        for (var axis = 0; axis < lengths.Length; axis++)
        {
            lengths[axis] = shape[axis].GetInt32();
            elements *= lengths[axis];
            if (lengths[axis] < 0 || elements > int.MaxValue)
            {
                throw SafeTensorsHeader.Corrupt(path, $"'{name}' has an impossible shape");
            }
        }

        long begin = offsets[0].GetInt64(), end = offsets[1].GetInt64();
        return end - begin == (long)elements * sizeof(float) && begin >= 0
            ? new SafeTensorsEntry(name, dtype, new Shape(lengths), begin, end)
            : throw SafeTensorsHeader.Corrupt(path, $"'{name}' spans bytes {begin} to {end}, its shape needs {elements * sizeof(float)}");
    }
}
