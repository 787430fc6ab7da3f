namespace StreamForecaster.Forecasting;

/// <summary>The discrete Fourier transform of a power-of-two length, in place (radix 2, decimation in time).</summary>
sealed class FourierTransform
{
    readonly float[] _cosine;
    readonly float[] _sine;
    readonly int _largest;

    public FourierTransform(int largest)
    {
        _largest = largest;
        _cosine = new float[largest / 2];
        _sine = new float[largest / 2];
        for (var i = 0; i < largest / 2; i++)
        {
            (var sine, var cosine) = Math.SinCos(-2 * Math.PI * i / largest);
            _cosine[i] = (float)cosine;
            _sine[i] = (float)sine;
        }
    }

    /// <summary>Σ x[j] exp(−2πi jk / n) for every k; the inverse (not divided by n) follows by swapping real and imaginary parts.</summary>
    public void Transform(Span<float> real, Span<float> imaginary)
    {
        Reorder(real, imaginary);
        for (var half = 1; half < real.Length; half *= 2)
        {
            var stride = _largest / (2 * half);
            for (var start = 0; start < real.Length; start += 2 * half)
            {
                Butterflies(real.Slice(start, 2 * half), imaginary.Slice(start, 2 * half), stride);
            }
        }
    }

    void Butterflies(Span<float> real, Span<float> imaginary, int stride)
    {
        var half = real.Length / 2;
        var upperReal = real[half..];
        var upperImaginary = imaginary[half..];
        for (var k = 0; k < half; k++)
        {
            var (c, s) = (_cosine[k * stride], _sine[k * stride]);
            var r = (upperReal[k] * c) - (upperImaginary[k] * s);
            var i = (upperReal[k] * s) + (upperImaginary[k] * c);
            (upperReal[k], upperImaginary[k]) = (real[k] - r, imaginary[k] - i);
            (real[k], imaginary[k]) = (real[k] + r, imaginary[k] + i);
        }
    }

    static void Reorder(Span<float> real, Span<float> imaginary)
    {
        var n = real.Length;
        for (int i = 1, j = 0; i < n; i++)
        {
            var bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1)
            {
                j ^= bit;
            }

            j ^= bit;
            if (i < j)
            {
                (real[i], real[j]) = (real[j], real[i]);
                (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
            }
        }
    }
}
