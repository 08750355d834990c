using System.Reflection;

namespace DeviceMqtt.Firmware.Tests.Memory;

/// <summary>
/// What an object takes on a board, and all that only it reaches. nanoFramework's heap is made of blocks of 12 bytes: an object is one block and one more for
/// each of its fields; an array is 20 bytes and its elements (a reference is a block, a number its own size); a string is a block and its UTF-8 with a
/// zero behind it; all rounded up to whole blocks. A delegate, a boxed value and a lock are small change and counted as one object of two fields.
/// (nf-interpreter, CLR_RT_HeapBlock and CLR_RT_HeapBlock_Array, 32 bits.)
/// </summary>
internal sealed class BoardHeap
{
    private const int BlockBytes = 12;
    private const int ArrayHeaderBytes = 20;

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);

    /// <summary>Bytes of the object and of what it reaches that was not counted before. Interned texts are the assembly's, not the heap's.</summary>
    internal int Add(object? root)
    {
        if (root is null || root is Type || root is MemberInfo || !IsNew(root))
        {
            return 0;
        }

        return root switch
        {
            string text => Blocks(BlockBytes + System.Text.Encoding.UTF8.GetByteCount(text) + 1),
            Delegate => 3 * BlockBytes,
            Array array => AddArray(array),
            _ => AddObject(root),
        };
    }

    /// <summary>Leaves an object out until <see cref="AddSkipped"/>.</summary>
    internal void Skip(object root) => _seen.Add(root);

    /// <summary>Bytes of an object that was left out, and of what it reaches that was not counted before.</summary>
    internal int AddSkipped(object root) => AddObject(root);

    private bool IsNew(object root) => root is string text ? string.IsInterned(text) is null && _seen.Add(root) : _seen.Add(root);

    private int AddArray(Array array)
    {
        Type element = array.GetType().GetElementType()!;
        int each = element.IsPrimitive ? SizeOf(element) : element.IsEnum ? SizeOf(Enum.GetUnderlyingType(element)) : BlockBytes;
        int bytes = Blocks(ArrayHeaderBytes + (each * array.Length));
        if (!element.IsPrimitive && !element.IsEnum)
        {
            foreach (object? item in array)
            {
                bytes += Add(item);
            }
        }

        return bytes;
    }

    private int AddObject(object root)
    {
        int bytes = BlockBytes;
        for (Type? type = root.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                bytes += BlockBytes;
                bytes += field.FieldType.IsValueType ? 0 : Add(field.GetValue(root));
            }
        }

        return bytes;
    }

    private static int SizeOf(Type type) => type == typeof(bool) ? 1 : type == typeof(char) ? 2 : System.Runtime.InteropServices.Marshal.SizeOf(type);

    private static int Blocks(int bytes) => (bytes + BlockBytes - 1) / BlockBytes * BlockBytes;
}
