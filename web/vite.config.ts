import { defineConfig } from 'vite';

// The function `order_desk` serves these files: nothing is inline, because its content security policy admits no
// inline script, style or image.
export default defineConfig({
  base: '/desk/',
  build: {
    outDir: '../functions/order_desk/order_desk/site',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: 'es2022',
    reportCompressedSize: false,
  },
});
