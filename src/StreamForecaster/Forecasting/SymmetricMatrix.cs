using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>
/// The arithmetic of a small symmetric matrix in the memory of half of it: of each row the columns from its block of four on. Within the
/// blocks on the diagonal both halves are there, and stay equal to the bit.
/// </summary>
sealed class SymmetricMatrix
{
    const int Block = 4;

    readonly int _size;
    readonly int[] _starts;

    /// <summary>A matrix of so many rows, a multiple of 4.</summary>
    public SymmetricMatrix(int size)
    {
        _size = size;
        _starts = new int[size];
        for (var i = 0; i < size; i++)
        {
            _starts[i] = Length;
            Length += size - First(i);
        }
    }

    /// <summary>Floats that it takes.</summary>
    public int Length { get; }

    /// <summary>An element of the diagonal.</summary>
    public ref float Diagonal(Span<float> matrix, int i) => ref matrix[_starts[i] + i - First(i)];

    /// <summary>product = matrix · x.</summary>
    public void Multiply(ReadOnlySpan<float> matrix, ReadOnlySpan<float> x, Span<float> product)
    {
        ref var floats = ref MemoryMarshal.GetReference(matrix);
        for (var first = 0; first < _size; first += Block)
        {
            // Down the columns of a block; what lies right of it stands for what lies below it.
            var sum = Vector128<float>.Zero;
            for (var i = 0; i < first + Block; i++)
            {
                sum += x[i] * Vector128.LoadUnsafe(ref floats, (nuint)(_starts[i] + first - First(i)));
            }

            var rest = x[(first + Block)..];
            if (!rest.IsEmpty)
            {
                sum += Vector128.Create(
                    SmallVectors.Dot(Row(matrix, first)[Block..], rest),
                    SmallVectors.Dot(Row(matrix, first + 1)[Block..], rest),
                    SmallVectors.Dot(Row(matrix, first + 2)[Block..], rest),
                    SmallVectors.Dot(Row(matrix, first + 3)[Block..], rest));
            }

            sum.StoreUnsafe(ref product[first]);
        }
    }

    /// <summary>matrix ← factor (matrix − x xᵀ).</summary>
    public void SubtractSquare(Span<float> matrix, ReadOnlySpan<float> x, float factor)
    {
        for (var i = 0; i < _size; i++)
        {
            SmallVectors.AddScaled(matrix.Slice(_starts[i], _size - First(i)), -x[i], x[First(i)..], factor);
        }
    }

    /// <summary>Scales a row and a column, their common element twice.</summary>
    public void Scale(Span<float> matrix, int i, float factor)
    {
        SmallVectors.Scale(matrix.Slice(_starts[i], _size - First(i)), factor);
        for (var j = 0; j < First(i) + Block; j++)
        {
            matrix[_starts[j] + i - First(j)] *= factor;
        }
    }

    ReadOnlySpan<float> Row(ReadOnlySpan<float> matrix, int i) => matrix.Slice(_starts[i], _size - First(i));

    static int First(int row) => row / Block * Block;
}
